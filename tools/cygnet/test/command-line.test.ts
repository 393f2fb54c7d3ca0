import { describe, expect, it } from "vitest";
import { main } from "../src/index.js";
import { parseCharonArguments } from "../src/charon/charon-arguments.js";
import { parseIpsecArguments } from "../src/ipsec/ipsec-arguments.js";
import { parseProfileArguments } from "../src/ipsec/profile-arguments.js";
import { parseLoadTestArguments } from "@cygnet/load-test";
import { LogGroup } from "@cygnet/plugin-api";
import { CollectingTerminal } from "@cygnet/command/testing";

describe("cygnet", () => {
  it("prints its commands when asked, and on the error output with code 2 when given none or a wrong one", async () => {
    const asked = new CollectingTerminal();
    expect(await main(["--help"], asked)).toBe(0);
    const listed = Array.from(asked.output.matchAll(/^ {2}([a-z-]+) {2,}/gm), ([, name]) => name);
    expect(listed).toEqual(["charon", "ipsec", "swanctl", "pki", "migrate", "plugin", "plugins", "load-test", "bench"]);
    for (const argv of [[], ["nonsense"], ["toString"]]) {
      const terminal = new CollectingTerminal();
      expect(await main(argv, terminal)).toBe(2);
      expect(terminal.output).toBe("");
      expect(terminal.errors).toContain("Usage: cygnet COMMAND");
    }
  });

  it.each([["charon"], ["ipsec"], ["load-test"], ["bench"]])("%s --help and cygnet --version end with 0", async (command) => {
    const terminal = new CollectingTerminal();
    expect(await main([command, "--help"], terminal)).toBe(0);
    expect(terminal.output).toContain(`Usage: cygnet ${command}`);
    const version = new CollectingTerminal();
    expect(await main(["--version"], version)).toBe(0);
    expect(version.output).toMatch(/^cygnet \d+\.\d+\.\d+\n$/);
  });

  it.each([
    [["charon", "--nonsense"], "cygnet charon: Unknown option '--nonsense'"],
    [["charon", "--debug-ike", "5"], "cygnet charon: --debug-ike: '5' is not a level from -1 to 4"],
    [["charon", "--debug-any", "1"], "cygnet charon: Unknown option '--debug-any'"],
    [["charon", "stray"], "cygnet charon: Unexpected argument 'stray'"],
    [["ipsec"], "Usage: cygnet ipsec"],
    [["ipsec", "nonsense"], "cygnet ipsec: unknown command 'nonsense'"],
    [["ipsec", "status", "--piddir"], "cygnet ipsec: --piddir needs an argument"],
    [["ipsec", "start", "--nonsense"], "cygnet ipsec: unknown option '--nonsense'"],
    [["ipsec", "start", "--attach-gdb"], "cygnet ipsec: --attach-gdb"],
    [["load-test", "--sessions", "0"], "cygnet load-test: --sessions: '0' is not a number from 1 to"],
    [["load-test", "--sessions", "1e3"], "cygnet load-test: --sessions: '1e3' is not a number"],
    [["load-test", "--proposal", "aes128,aes256"], "cygnet load-test: --proposal: 'aes128,aes256' is not one proposal"],
    [["load-test", "--proposal", "a\nb = c"], "cygnet load-test: --proposal"],
    [["load-test", "--proposal", "aes128-sha1-modp768!"], "cygnet load-test: --proposal"],
    [
      ["load-test", "--proposal", "aes128-bogus-modp768"],
      "cygnet load-test: --proposal: 'aes128-bogus-modp768' cannot be used: algorithm 'bogus' not recognized\n",
    ],
    [["load-test", "--proposal", "aes128-sha1"], "cygnet load-test: --proposal: 'aes128-sha1' cannot be used: a DH group is"],
    [["load-test", "--esp", "sha1"], "cygnet load-test: --esp: 'sha1' cannot be used: an encryption algorithm is mandatory"],
    [["load-test", "--json", "/nonexistent/x.json"], "cygnet load-test: --json: '/nonexistent/x.json' cannot be written: ENOENT"],
    [["load-test", "--json", "/"], "cygnet load-test: --json: '/' is a folder\n"],
    [["load-test", "--responder", "example.org"], "cygnet load-test: --responder: 'example.org' is not an IP address"],
    [["load-test", "--responder", "192.0.2.1[0]"], "cygnet load-test: --responder: '0' is not a number"],
    [["load-test", "--conf", "/nonexistent/x.conf"], "cygnet load-test: --conf: there is no file"],
    [["load-test", "--conf", "/"], "cygnet load-test: --conf: '/' is no file\n"],
    [["load-test", "--conf", "/dev/null"], "cygnet load-test: --conf: '/dev/null' is no file\n"],
  ])("refuses %j with code 2 and a line that says what is wrong", async (argv, line) => {
    const terminal = new CollectingTerminal();
    expect(await main(argv, terminal)).toBe(2);
    expect(terminal.errors.startsWith(line)).toBe(true);
    expect(terminal.output).toBe("");
  });
});

describe("arguments of charon", () => {
  it("have strongSwan's defaults", () => {
    expect(parseCharonArguments([])).toEqual({
      conf: undefined,
      pidDir: "/var/run",
      namespace: "charon",
      useSyslog: false,
      levels: undefined,
      wants: "run",
    });
  });

  it("take levels of log groups in either notation, negative ones too, and leave other groups at 1", () => {
    const { levels, useSyslog } = parseCharonArguments([
      "--debug-ike",
      "2",
      "--use-syslog",
      "--debug-net=-1",
      "--debug-enc",
      "-1",
    ]);
    expect(useSyslog).toBe(true);
    const at = (group: LogGroup): number | undefined => levels?.get(group);
    expect([at(LogGroup.IKE), at(LogGroup.NET), at(LogGroup.ENC), at(LogGroup.CFG)]).toEqual([2, -1, -1, 1]);
  });
});

describe("arguments of ipsec", () => {
  it("find the wrapper's options anywhere and leave the rest to the command", () => {
    const expected = { pidDir: "/run/x", socket: "/run/x/s", strongswanConf: undefined, command: "up", rest: ["net-net"] };
    expect(parseIpsecArguments(["--piddir", "/run/x", "up", "net-net", "--socket=/run/x/s"])).toEqual(expected);
    expect(parseIpsecArguments(["up", "--socket", "/run/x/s", "net-net", "--piddir=/run/x"])).toEqual(expected);
    expect(parseIpsecArguments(["start", "--conf", "a.conf", "--nofork"]).rest).toEqual(["--conf", "a.conf", "--nofork"]);
  });

  it("ask for the folder with --piddir alone, as strongSwan's do", async () => {
    const terminal = new CollectingTerminal();
    expect(await main(["ipsec", "--piddir"], terminal)).toBe(0);
    expect(terminal.output).toBe("/var/run\n");
  });
});

describe("arguments of ipsec profile", () => {
  it("watch every two seconds, or as often as is said", () => {
    expect(parseProfileArguments([])).toEqual({ watchSeconds: undefined, json: false });
    expect(parseProfileArguments(["--watch"])).toEqual({ watchSeconds: 2, json: false });
    expect(parseProfileArguments(["--watch", "--json"])).toEqual({ watchSeconds: 2, json: true });
    expect(parseProfileArguments(["--watch", "0.5"])).toEqual({ watchSeconds: 0.5, json: false });
    expect(parseProfileArguments(["--watch=10"])).toEqual({ watchSeconds: 10, json: false });
  });

  it.each([[["--watch", "0"]], [["--watch", "often"]], [["--watch="]], [["5"]], [["--json=x"]]])("refuse %j", (words) => {
    expect(() => parseProfileArguments(words)).toThrow(/^profile: /);
  });
});

describe("arguments of load-test", () => {
  it("default to the first user's test with 2,000 sessions", () => {
    expect(parseLoadTestArguments([])).toMatchObject({
      sessions: 2000,
      initiators: 5,
      delayMs: 0,
      proposal: "aes128-sha1-modp768",
      esp: "aes128-sha1",
      responder: undefined,
      json: undefined,
      statusall: true,
    });
  });

  it.each([
    ["192.0.2.1", { address: "192.0.2.1", port: 500 }],
    ["192.0.2.1[1500]", { address: "192.0.2.1", port: 1500 }],
    ["2001:db8::1", { address: "2001:db8::1", port: 500 }],
    ["2001:db8::1[65535]", { address: "2001:db8::1", port: 65535 }],
  ])("take %s as a gateway", (text, gateway) => {
    expect(parseLoadTestArguments(["--responder", text]).responder).toEqual(gateway);
  });
});
