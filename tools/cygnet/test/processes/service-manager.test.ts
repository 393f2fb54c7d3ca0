import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { System } from "@cygnet/native";
import { ServiceManager } from "../../src/service-manager.js";
import { CliProcess, run, testFolder, writeConf } from "./cli-process.js";
import { NotifyReceiver, canReceive } from "./notify-receiver.js";

const environment = (address: string): { readonly env: NodeJS.ProcessEnv } => ({
  env: { ...process.env, NOTIFY_SOCKET: address },
});

describe.skipIf(!canReceive)("systemd's Type=notify (skipped without python3)", () => {
  it("is told when the daemon serves, reads its settings again and ends", async () => {
    const folder = testFolder();
    const address = join(folder, "notify");
    const receiver = await NotifyReceiver.listen(address);
    const conf = writeConf(folder);
    const daemon = new CliProcess(["charon", "--conf", conf, "--piddir", folder], environment(address));
    await daemon.ready();
    expect(await receiver.next("READY")).toBe("READY=1");
    const before = new System().monotonicNs() / 1000;
    daemon.kill("SIGHUP");
    const [, time] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(await receiver.next("RELOADING")) ?? [];
    expect(Number(time)).toBeGreaterThan(before);
    expect(Number(time)).toBeLessThan(new System().monotonicNs() / 1000);
    expect(await receiver.next("READY")).toBe("READY=1");
    // Broken settings change nothing, and the reload is over all the same.
    writeFileSync(conf, "charon {\n  broken\n}\n");
    daemon.kill("SIGHUP");
    await receiver.next("RELOADING");
    await receiver.next("READY");
    daemon.kill("SIGTERM");
    expect(await receiver.next("STOPPING")).toBe("STOPPING=1");
    expect(await daemon.ended).toBe(0);
  });

  it("is told by an abstract name, and never of a start that fails", async () => {
    const folder = testFolder();
    const address = `@cygnet-test-${process.pid}`;
    const receiver = await NotifyReceiver.listen(address);
    const args = (lines: readonly string[]): string[] => ["charon", "--conf", writeConf(folder, lines), "--piddir", folder];
    expect((await run(args(["load = aes!x"]), environment(address))).code).not.toBe(0);
    const daemon = new CliProcess(args([]), environment(address));
    await daemon.ready();
    daemon.kill("SIGTERM");
    await daemon.ended;
    await receiver.next("STOPPING");
    expect(receiver.messages).toEqual([]);
  });

  it("is told by the starter, and not by the daemon that it runs, once connections are loaded", async () => {
    const folder = testFolder();
    const address = join(folder, "notify");
    const receiver = await NotifyReceiver.listen(address);
    const ipsecConf = join(folder, "ipsec.conf");
    writeFileSync(ipsecConf, "conn a\n  right=127.0.0.1\n  auto=add\n");
    const own = ["--piddir", folder, "--strongswan-conf", writeConf(folder)];
    const starter = new CliProcess(["ipsec", ...own, "start", "--nofork", "--conf", ipsecConf], environment(address));
    await receiver.next("READY");
    const { output } = await run(["ipsec", ...own, "statusall"]);
    expect(output).toContain("127.0.0.1");
    writeFileSync(ipsecConf, "conn b\n  right=127.0.0.2\n  auto=add\n");
    starter.kill("SIGHUP");
    await receiver.next("RELOADING");
    await receiver.next("READY");
    expect((await run(["ipsec", ...own, "statusall"])).output).toContain("127.0.0.2");
    starter.kill("SIGTERM");
    await starter.ended;
    await receiver.next("STOPPING");
    expect(receiver.messages).toEqual([]);
  });
});

it("a service manager that is gone is a line in the log, and the daemon serves", async () => {
  const folder = testFolder();
  const daemon = new CliProcess(["charon", "--conf", writeConf(folder), "--piddir", folder], environment(join(folder, "none")));
  await daemon.ready();
  await daemon.says("output", /telling the service manager READY=1 failed: sendto: no such file or directory/);
});

it("what the daemon starts does not speak for it", () => {
  const told: string[] = [];
  const env: NodeJS.ProcessEnv = { NOTIFY_SOCKET: "@a", OTHER: "b" };
  const system = {
    notify: (address: string, message: string) => void told.push(`${address} ${message}`),
    monotonicNs: () => 5_999,
  };
  const manager = ServiceManager.claim(env, system);
  manager.ready();
  manager.reloading();
  ServiceManager.claim(env, system).ready();
  expect(env).toEqual({ OTHER: "b" });
  expect(told).toEqual(["@a READY=1", "@a RELOADING=1\nMONOTONIC_USEC=5"]);
});
