import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AttributeManager, LogGroup } from "@cygnet/plugin-api";
import type { AttributeHandler } from "@cygnet/plugin-api";
import {
  MemoryPluginSource,
  PluginHost,
  VirtualClock,
  createContainer,
  parseSettings,
  provide,
} from "@cygnet/plugin-testkit/parts";
import { describe, expect, it } from "vitest";
import plugin, { Resolvconf } from "../src/index.js";
import { context, dns, folder, memoryLog } from "./fixtures.js";

class FakeManager implements Pick<AttributeManager, "addHandler"> {
  readonly handlers: AttributeHandler[] = [];
  addHandler(handler: AttributeHandler): () => void {
    this.handlers.push(handler);
    return () => void this.handlers.splice(this.handlers.indexOf(handler), 1);
  }
}

/** A program that keeps its arguments and input in `calls`. */
function program(at: string, more = ""): string {
  const path = join(at, "resolvconf");
  writeFileSync(path, `#!/bin/sh\n{ echo "$@"; cat; } >> ${at}/calls\n${more}\n`, { mode: 0o755 });
  return path;
}

async function load(section: string) {
  const { log, sink } = memoryLog();
  const manager = new FakeManager();
  const container = createContainer();
  provide(container, AttributeManager, manager as unknown as AttributeManager);
  const { settings } = parseSettings(`charon { plugins { resolve {\n${section}\n} } }`, { file: "x.conf" });
  const host = new PluginHost({
    locations: ["control"],
    source: new MemoryPluginSource([plugin]),
    container,
    log,
    charon: settings.section("charon"),
    defaultList: ["resolve"],
    timers: new VirtualClock(),
  });
  await host.load();
  return { host, manager, handler: manager.handlers[0], lines: () => sink.messages(LogGroup.IKE, 1) };
}

describe("plugin resolve", () => {
  it("writes the file where there is no resolvconf, and cleans up when it is unloaded", async () => {
    const at = folder();
    const path = join(at, "resolv.conf");
    const { host, handler, manager, lines } = await load(`file = ${path}\n resolvconf { path = ${at}/none\n }`);
    expect(host.featureNames()).toEqual(["CUSTOM:resolve"]);
    expect(await handler.handle(context, dns("10.0.0.1"))).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("nameserver 10.0.0.1   # by strongSwan\n");
    await host.unload();
    expect(readFileSync(path, "utf8")).toBe("");
    expect(manager.handlers).toEqual([]);
    expect(lines()).toEqual([`installing DNS server 10.0.0.1 to ${path}`, `removing DNS server 10.0.0.1 from ${path}`]);
  });

  it("gives all servers to resolvconf where there is one, and takes the interface away with the last", async () => {
    const at = folder();
    const { host, handler, lines } = await load(`file = ${at}/resolv.conf\n resolvconf { path = ${program(at)}\n }`);
    await handler.handle(context, dns("10.0.0.1"));
    await handler.handle(context, dns("fec0::1"));
    await handler.release(context, dns("10.0.0.1"));
    await handler.release(context, dns("fec0::1"));
    expect(readFileSync(join(at, "calls"), "utf8").trimEnd().split("\n")).toEqual([
      "-a lo.ipsec",
      "nameserver 10.0.0.1",
      "-a lo.ipsec",
      "nameserver fec0::1",
      "nameserver 10.0.0.1",
      "-a lo.ipsec",
      "nameserver fec0::1",
      "-d lo.ipsec",
    ]);
    expect(lines().slice(0, 3)).toEqual([
      "installing DNS server 10.0.0.1 via resolvconf",
      "installing DNS server fec0::1 via resolvconf",
      "removing DNS server 10.0.0.1 via resolvconf",
    ]);
    expect(existsSync(join(at, "resolv.conf"))).toBe(false);
    await host.unload();
  });

  it("can give each server an interface of its own", async () => {
    const at = folder();
    const { handler } = await load(`resolvconf { path = ${program(at)}\n iface_prefix = lo.inet.ipsec.\n }`);
    await handler.handle(context, dns("10.0.0.1"));
    await handler.handle(context, dns("10.0.0.2"));
    await handler.release(context, dns("10.0.0.1"));
    expect(readFileSync(join(at, "calls"), "utf8").trimEnd().split("\n")).toEqual([
      "-a lo.inet.ipsec.10.0.0.1",
      "nameserver 10.0.0.1",
      "-a lo.inet.ipsec.10.0.0.2",
      "nameserver 10.0.0.2",
      "-d lo.inet.ipsec.10.0.0.1",
    ]);
  });

  it("logs what resolvconf complains of, and does not take the attribute then", async () => {
    const at = folder();
    const path = program(at, "echo no such interface >&2; exit 3");
    const { handler, lines } = await load(`resolvconf { path = ${path}\n iface = lo.vpn\n }`);
    expect(await handler.handle(context, dns("10.0.0.1"))).toBe(false);
    expect(lines()).toEqual([
      "installing DNS server 10.0.0.1 via resolvconf",
      "resolvconf: no such interface",
      `adding DNS server failed: ${path} -a lo.vpn exited with status 3`,
    ]);
  });
});

describe("resolvconf", () => {
  it("is ended when it does not come to an end itself", async () => {
    const at = folder();
    const path = join(at, "resolvconf");
    writeFileSync(path, "#!/bin/sh\nexec cat /dev/zero > /dev/null\n", { mode: 0o755 });
    const resolvconf = new Resolvconf({ path, iface: "lo", ifacePrefix: undefined, log: memoryLog().log, limitMs: 100 });
    await expect(resolvconf.install("10.0.0.1", ["10.0.0.1"])).rejects.toMatchObject({
      code: "CYG_RESOLVE_PROGRAM",
      message: `${path} -a lo was ended by SIGKILL`,
    });
  });

  it("that cannot be started is an error", async () => {
    const at = folder();
    const path = join(at, "resolvconf");
    writeFileSync(path, "", { mode: 0o644 });
    const resolvconf = new Resolvconf({ path, iface: "lo", ifacePrefix: undefined, log: memoryLog().log });
    await expect(resolvconf.remove("10.0.0.1", [])).rejects.toMatchObject({ code: "CYG_RESOLVE_PROGRAM", errno: "EACCES" });
  });
});
