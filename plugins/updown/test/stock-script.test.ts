import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { commandOf } from "../src/stock-script.js";

/** A CHILD_SA between the networks of two gateways. */
const NET = {
  PLUTO_VERB: "up-client",
  PLUTO_INTERFACE: "eth0",
  PLUTO_PROTO: "esp",
  PLUTO_REQID: "7",
  PLUTO_ME: "192.0.2.1",
  PLUTO_PEER: "192.0.2.2",
  PLUTO_MY_CLIENT: "10.1.0.0/16",
  PLUTO_PEER_CLIENT: "10.2.0.0/16",
  PLUTO_MY_PROTOCOL: "0",
  PLUTO_PEER_PROTOCOL: "0",
  PLUTO_MY_PORT: "0",
  PLUTO_PEER_PORT: "0",
};

const IPSEC = "-m policy --pol ipsec --proto esp --reqid 7 --dir";

/** Runs the stock script with programs in the place of iptables that write down how they are called. @returns those lines */
function calls(changes: Record<string, string> = {}): string[] {
  const folder = mkdtempSync(join(tmpdir(), "updown-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["iptables", "ip6tables"]) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const env = { ...NET, ...changes, PATH: `${folder}:${process.env.PATH}` };
  const output = execFileSync("/bin/sh", ["-c", commandOf("ipsec _updown iptables")], { env, encoding: "utf8" });
  return output.split("\n").filter((line) => line !== "");
}

describe("the stock script", () => {
  it("lets the networks of a CHILD_SA through FORWARD, both ways", () => {
    expect(calls()).toEqual([
      `iptables -w -I FORWARD -i eth0 -s 10.2.0.0/16 -d 10.1.0.0/16 ${IPSEC} in -j ACCEPT`,
      `iptables -w -I FORWARD -o eth0 -s 10.1.0.0/16 -d 10.2.0.0/16 ${IPSEC} out -j ACCEPT`,
    ]);
  });

  it("takes back in the end what it did in the beginning", () => {
    const changes = { PLUTO_HOST_ACCESS: "1", PLUTO_IPCOMP: "1" };
    const up = calls(changes);
    expect(up).toHaveLength(5);
    expect(calls({ ...changes, PLUTO_VERB: "down-client" })).toEqual(up.map((line) => line.replace(" -I ", " -D ")));
  });

  it("lets our own address be reached: by INPUT and OUTPUT, with lefthostaccess beside FORWARD", () => {
    const chains = (changes: Record<string, string>): string[] => calls(changes).map((line) => line.split(" ")[3]!);
    expect(chains({ PLUTO_VERB: "up-host" })).toEqual(["INPUT", "OUTPUT"]);
    expect(chains({ PLUTO_HOST_ACCESS: "1" })).toEqual(["FORWARD", "FORWARD", "INPUT", "OUTPUT"]);
    const virtual = { PLUTO_MY_SOURCEIP: "10.3.0.1", PLUTO_MY_CLIENT: "10.3.0.1/32" };
    expect(chains(virtual)).toEqual(["FORWARD", "FORWARD", "INPUT", "OUTPUT"]);
  });

  it("uses ip6tables for IPv6", () => {
    expect(calls({ PLUTO_VERB: "up-host-v6" }).every((line) => line.startsWith("ip6tables "))).toBe(true);
  });

  it("has the ports of TCP and UDP the right way round", () => {
    const [incoming, outgoing] = calls({ PLUTO_MY_PROTOCOL: "6", PLUTO_MY_PORT: "80", PLUTO_PEER_PORT: "1024" });
    expect(incoming).toContain("-p 6 --dport 80 --sport 1024 ");
    expect(outgoing).toContain("-p 6 --sport 80 --dport 1024 ");
  });

  it("has type and code of ICMP, and the protocol alone where any", () => {
    expect(calls({ PLUTO_MY_PROTOCOL: "1", PLUTO_MY_PORT: "8" })[0]).toContain("-p 1 --icmp-type 8/0 ");
    expect(calls({ PLUTO_MY_PROTOCOL: "1" })[0]).toContain("-p 1 -s ");
  });

  it("takes IP in IP from the peer with IPComp", () => {
    expect(calls({ PLUTO_IPCOMP: "1" }).at(-1)).toBe(
      `iptables -w -I INPUT -i eth0 -p 4 -s 192.0.2.2 -d 192.0.2.1 ${IPSEC} in -j ACCEPT`,
    );
  });

  it("names no interface where none is known", () => {
    expect(calls({ PLUTO_INTERFACE: "unknown" })[0]).toContain("-I FORWARD -s ");
  });

  it("refuses verbs and firewalls that it does not know", () => {
    const fails = (command: string, env: Record<string, string>) => {
      const { status, stdout } = spawnSync("/bin/sh", ["-c", commandOf(command)], { env, encoding: "utf8" });
      return [status, stdout];
    };
    expect(fails("ipsec _updown nft", NET)).toEqual([2, "_updown: the only way to open a firewall is 'iptables', not 'nft'\n"]);
    expect(fails("ipsec _updown iptables", { ...NET, PLUTO_VERB: "prepare" })).toEqual([2, "_updown: unknown verb 'prepare'\n"]);
  });

  it("is what `ipsec _updown` means, and nothing else", () => {
    expect(commandOf("ipsec _updown iptables")).toMatch(/^\/bin\/sh '.*\/plugins\/updown\/scripts\/_updown' iptables$/);
    expect(commandOf("/usr/lib/ipsec/_updown iptables")).toBe("/usr/lib/ipsec/_updown iptables");
    expect(commandOf("ipsec _updownish")).toBe("ipsec _updownish");
  });
});

const canTry = process.getuid?.() === 0 && existsSync("/usr/sbin/iptables") && spawnSync("unshare", ["-n", "true"]).status === 0;

it.skipIf(!canTry)("iptables takes the rules of the stock script, and loses them again", () => {
  const script = commandOf("ipsec _updown iptables");
  const rules = [
    `${script} && iptables -S | grep -c policy`,
    `PLUTO_VERB=down-client ${script} && iptables -S | grep -c policy`,
    `iptables -S`,
  ].join("; ");
  const env = { ...NET, PLUTO_MY_PROTOCOL: "17", PLUTO_MY_PORT: "53", PLUTO_HOST_ACCESS: "1", PATH: process.env.PATH };
  const { stdout, stderr } = spawnSync("unshare", ["-n", "/bin/sh", "-c", rules], { env, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout).toBe("4\n0\n-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n");
});
