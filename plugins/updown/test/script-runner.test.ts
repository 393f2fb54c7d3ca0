import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host, LogGroup } from "@cygnet/plugin-api";
import { LogManager, MemorySink, VirtualClock } from "@cygnet/plugin-testkit/parts";
import { describe, expect, it, onTestFinished } from "vitest";
import { DnsServers } from "../src/dns-servers.js";
import { ScriptRunner } from "../src/script-runner.js";

function runner(dnsServers: (ikeSaId: number) => readonly Host[] = () => []) {
  const log = new LogManager(new VirtualClock());
  const sink = new MemorySink();
  log.addSink(sink);
  const folder = mkdtempSync(join(tmpdir(), "updown-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const made = new ScriptRunner({ log, dnsServers });
  const run = (script: string, environments: Record<string, string>[] = [{}], ikeSaId = 1): void =>
    made.run({
      ikeSaId,
      child: "net{1}",
      script,
      environments: environments.map((each) => ({ PLUTO_ME: "127.0.0.1", PLUTO_VERB: "up-host", PLUTO_REQID: "1", ...each })),
    });
  return { made, run, folder, file: join(folder, "file"), lines: () => sink.messages(LogGroup.CHD, 1) };
}

describe("ScriptRunner", () => {
  it("runs the scripts of an IKE_SA one after the other, once for each environment", async () => {
    const { made, run, file } = runner();
    run(`sleep 0.2; echo "$PLUTO_VERB" >> ${file}`, [{ PLUTO_VERB: "up-client" }, { PLUTO_VERB: "up-client-v6" }]);
    run(`echo "$PLUTO_VERB" >> ${file}`, [{ PLUTO_VERB: "down-client" }]);
    await made.close();
    expect(readFileSync(file, "utf8")).toBe("up-client\nup-client-v6\ndown-client\n");
  });

  it("does not let those of one IKE_SA wait for another's", async () => {
    const { made, run, file } = runner();
    run(`while ! test -e ${file}; do sleep 0.02; done`);
    run(`touch ${file}`, [{}], 2);
    await made.close();
  });

  it("runs all of very many, some at a time", async () => {
    const { made, run, folder } = runner();
    for (let i = 0; i < 100; i++) run(`echo x >> ${folder}/all`, [{}], i);
    await made.close();
    expect(readFileSync(join(folder, "all"), "utf8").length).toBe(200);
  });

  it("gives a script the interface, DNS servers and PATH, and nothing of the daemon's environment", async () => {
    process.env.SECRET_OF_THE_DAEMON = "1";
    onTestFinished(() => void delete process.env.SECRET_OF_THE_DAEMON);
    const { made, run, file } = runner(() => [Host.of("10.2.0.53"), Host.of("fec0::53"), Host.of("10.2.0.54")]);
    run(`env > ${file}`);
    await made.close();
    const lines = readFileSync(file, "utf8").split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        "PLUTO_INTERFACE=lo",
        "PLUTO_DNS4_1=10.2.0.53",
        "PLUTO_DNS4_2=10.2.0.54",
        "PLUTO_DNS6_1=fec0::53",
        `PATH=${process.env.PATH}`,
      ]),
    );
    expect(lines.join("\n")).not.toContain("SECRET_OF_THE_DAEMON");
  });

  it("tells a script at the end the interface that there was at the beginning", async () => {
    const { made, run, file } = runner();
    const gone = { PLUTO_ME: "192.0.2.1", PLUTO_VERB: "down-host" };
    run(`echo "$PLUTO_INTERFACE" >> ${file}`);
    for (const reqid of ["1", "2"]) run(`echo "$PLUTO_INTERFACE" >> ${file}`, [{ ...gone, PLUTO_REQID: reqid }]);
    await made.close();
    expect(readFileSync(file, "utf8")).toBe("lo\nlo\nunknown\n");
  });

  it("logs what a script prints, and how it was ended", async () => {
    const { made, run, lines } = runner();
    run("echo one; echo two >&2; printf three; kill -9 $$");
    await made.close();
    await expect
      .poll(() => [...lines()].sort())
      .toEqual(["updown script of CHILD_SA net{1} was ended by SIGKILL", "updown: one", "updown: three", "updown: two"]);
  });

  it("does not wait for what a script leaves running", async () => {
    const { made, run, file } = runner();
    run(`sleep 1000 & echo $! > ${file}`);
    await made.close();
    process.kill(Number(readFileSync(file, "utf8")));
  });
});

describe("DnsServers", () => {
  const context = { connection: "home", ikeSaId: 4, identity: "moon", remote: "192.0.2.1", pools: [] };
  const dns4 = (text: string) => ({ type: 3, value: Host.of(text).address });

  it("keeps the servers of an IKE_SA until they are released", () => {
    const servers = new DnsServers();
    expect(servers.handle(context, dns4("10.2.0.53"))).toBe(true);
    expect(servers.handle(context, { type: 10, value: Host.of("fec0::53").address })).toBe(true);
    expect(servers.of(4).map(String)).toEqual(["10.2.0.53", "fec0::53"]);
    servers.release(context, dns4("10.2.0.53"));
    expect(servers.of(4).map(String)).toEqual(["fec0::53"]);
    servers.release(context, { type: 10, value: Host.of("fec0::53").address });
    expect(servers.of(4)).toEqual([]);
  });

  it.each([
    ["another attribute", { type: 4, value: Host.of("10.2.0.53").address }],
    ["no server", dns4("0.0.0.0")],
    ["a wrong length", { type: 10, value: Host.of("10.2.0.53").address }],
  ])("does not take %s", (_what, attribute) => {
    expect(new DnsServers().handle(context, attribute)).toBe(false);
  });
});
