import { parseSettings } from "@cygnet/settings";
import { describe, expect, it } from "vitest";
import { daemonSettings, sidePaths } from "../src/daemon-settings.js";
import type { Side } from "../src/daemon-settings.js";
import { parseLoadTestArguments } from "../src/load-test-arguments.js";

const ADDRESSES = { initiator: "127.0.0.2", responder: "127.0.0.1", responderPort: 4321 };
const side = (role: Side["role"], folder = `/tmp/x/${role}`): Side => ({
  role,
  folder,
  port: role === "responder" ? 4321 : 0,
  natPort: 0,
});
const read = (text: string) => parseSettings(text).settings.section("charon");

describe("settings of a load test", () => {
  const args = parseLoadTestArguments([
    "--sessions",
    "300",
    "--initiators",
    "7",
    "--delay",
    "3",
    "--proposal",
    "aes256-sha256-modp2048",
  ]);

  it.each(["responder", "initiator"] as const)("are the first user's, for the %s", (role) => {
    const charon = read(daemonSettings(side(role), ADDRESSES, args));
    const get = (key: string) => charon.getString(key);
    expect(get("threads")).toBe("32");
    expect([get("processor.priority_threads.high"), get("processor.priority_threads.medium")]).toEqual(["1", "10"]);
    expect([get("reuse_ikesa"), get("dos_protection")]).toEqual(["no", "no"]);
    const tester = charon.section(["plugins", "load-tester"]);
    for (const key of ["enable", "fake_kernel"]) expect(tester.getBool(key)).toBe(true);
    expect([tester.getString("initiator_auth"), tester.getString("responder_auth")]).toEqual(["psk", "psk"]);
    expect(tester.getString("proposal")).toBe("aes256-sha256-modp2048");
    expect(tester.getString("responder_port")).toBe("4321");
    const load = get("load")?.split(" ") ?? [];
    expect(load.indexOf("load-tester")).toBeLessThan(load.indexOf("kernel-netlink"));
    expect(load).toContain("counters");
    expect(charon.section(["filelog", "load-test"]).getString("path")).toBe(sidePaths(`/tmp/x/${role}`).log);
  });

  it("have certificates on both sides on demand", () => {
    const withCertificates = parseLoadTestArguments(["--auth", "pubkey"]);
    for (const role of ["responder", "initiator"] as const) {
      const tester = read(daemonSettings(side(role), ADDRESSES, withCertificates)).section(["plugins", "load-tester"]);
      expect([tester.getString("initiator_auth"), tester.getString("responder_auth")]).toEqual(["pubkey", "pubkey"]);
    }
    expect(() => parseLoadTestArguments(["--auth", "eap"])).toThrow("--auth: 'eap' is neither psk nor pubkey");
  });

  it("name the shards where the sides share the CPUs, and leave them to the daemon where not", () => {
    const shards = (more: Partial<Side>) =>
      read(daemonSettings({ ...side("responder"), ...more }, ADDRESSES, args)).getString("shards");
    expect([shards({ shards: 3 }), shards({})]).toEqual(["3", undefined]);
  });

  it("let the initiator wait for the request, with what the command line says", () => {
    const tester = read(daemonSettings(side("initiator"), ADDRESSES, args)).section(["plugins", "load-tester"]);
    expect(tester.getInt("initiators")).toBe(7);
    expect(tester.getInt("delay")).toBe(3);
    expect(tester.getBool("start_on_request")).toBe(true);
    expect(tester.getBool("request_virtual_ip")).toBe(true);
    expect(tester.getString("pool")).toBeUndefined();
  });

  it("give the responder a pool and nothing to initiate", () => {
    const charon = read(daemonSettings(side("responder"), ADDRESSES, args));
    const tester = charon.section(["plugins", "load-tester"]);
    expect(tester.getString("pool")).toBe("10.0.0.0/8");
    expect(tester.getInt("initiators")).toBeUndefined();
    expect(charon.getInt("port")).toBe(4321);
  });

  it("keep a folder with quotes, backslashes and braces as it is", () => {
    const folder = '/tmp/a "b" \\c }{ # d';
    const charon = read(daemonSettings(side("responder", folder), ADDRESSES, args));
    expect(charon.section(["filelog", "load-test"]).getString("path")).toBe(`${folder}/charon.log`);
  });

  it("have the own file over them, though its name looks like a pattern", () => {
    const text = daemonSettings(side("responder"), ADDRESSES, { ...args, conf: "/tmp/own [1]*.conf" });
    const patterns: string[] = [];
    const { settings } = parseSettings(text, {
      readInclude: (pattern) => {
        patterns.push(pattern);
        return [{ file: "own.conf", text: "charon { threads = 8 }" }];
      },
    });
    expect(patterns).toEqual(["/tmp/own \\[1\\]\\*.conf"]);
    expect(settings.section("charon").getString("threads")).toBe("8");
  });
});
