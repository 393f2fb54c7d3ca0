import { LogGroup } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DnsHandler } from "../src/index.js";
import type { DnsInstaller } from "../src/index.js";
import { context, dns, memoryLog } from "./fixtures.js";

/** Writes down what it is told; each change takes a while. */
class FakeInstaller implements DnsInstaller {
  readonly installingTo = "to FILE";
  readonly removingFrom = "from FILE";
  readonly journal: string[] = [];
  fails = false;
  #busy = false;

  async install(server: string, servers: readonly string[]): Promise<void> {
    await this.#change(`+${server} [${servers.join(" ")}]`);
  }

  async remove(server: string, servers: readonly string[]): Promise<void> {
    await this.#change(`-${server} [${servers.join(" ")}]`);
  }

  async #change(what: string): Promise<void> {
    expect(this.#busy).toBe(false);
    this.#busy = true;
    await new Promise(setImmediate);
    this.#busy = false;
    if (this.fails) throw new Error("EROFS");
    this.journal.push(what);
  }
}

function setup() {
  const { log, sink } = memoryLog();
  const installer = new FakeInstaller();
  return { installer, handler: new DnsHandler(installer, log), lines: () => sink.messages(LogGroup.IKE, 1) };
}

describe("DNS handler", () => {
  it("asks for DNS servers of both families", () => {
    expect(setup().handler.requests).toEqual([3, 10]);
  });

  it("installs a server once and removes it with its last user, with strongSwan's lines", async () => {
    const { handler, installer, lines } = setup();
    expect(
      await Promise.all([dns("10.0.0.1"), dns("10.0.0.1"), dns("fec0::1")].map((each) => handler.handle(context, each))),
    ).toEqual([true, true, true]);
    await handler.release(context, dns("10.0.0.1"));
    expect(installer.journal).toEqual(["+10.0.0.1 [10.0.0.1]", "+fec0::1 [fec0::1 10.0.0.1]"]);
    await handler.release(context, dns("10.0.0.1"));
    await handler.release(context, dns("10.0.0.1"));
    expect(installer.journal.slice(2)).toEqual(["-10.0.0.1 [fec0::1]"]);
    expect(lines()).toEqual([
      "installing DNS server 10.0.0.1 to FILE",
      "installing DNS server fec0::1 to FILE",
      "removing DNS server 10.0.0.1 from FILE",
    ]);
  });

  it("takes nothing but DNS servers of the right size", async () => {
    const { handler, installer } = setup();
    for (const attribute of [
      { type: 4, value: new Uint8Array([10, 0, 0, 1]) },
      { type: 3, value: new Uint8Array(0) },
      { type: 3, value: new Uint8Array(16).fill(1) },
      { type: 10, value: new Uint8Array(4).fill(1) },
      { type: 3, value: new Uint8Array(4) },
    ]) {
      expect(await handler.handle(context, attribute)).toBe(false);
      await handler.release(context, attribute);
    }
    expect(installer.journal).toEqual([]);
  });

  it("does not count a server that could not be installed", async () => {
    const { handler, installer, lines } = setup();
    installer.fails = true;
    expect(await handler.handle(context, dns("10.0.0.1"))).toBe(false);
    expect(lines().at(-1)).toBe("adding DNS server failed: EROFS");
    installer.fails = false;
    expect(await handler.handle(context, dns("10.0.0.1"))).toBe(true);
    expect(installer.journal).toEqual(["+10.0.0.1 [10.0.0.1]"]);
  });

  it("goes on after a removal that failed", async () => {
    const { handler, installer, lines } = setup();
    await handler.handle(context, dns("10.0.0.1"));
    installer.fails = true;
    await handler.release(context, dns("10.0.0.1"));
    expect(lines().at(-1)).toBe("removing DNS server failed: EROFS");
    installer.fails = false;
    expect(await handler.handle(context, dns("10.0.0.1"))).toBe(true);
  });

  it("removes everything when it is closed, behind changes that are under way", async () => {
    const { handler, installer } = setup();
    const pending = [handler.handle(context, dns("10.0.0.1")), handler.handle(context, dns("10.0.0.1"))];
    await handler.close();
    await Promise.all(pending);
    expect(installer.journal).toEqual(["+10.0.0.1 [10.0.0.1]", "-10.0.0.1 []"]);
  });

  it("has installed exactly the servers that somebody uses, whatever the order", async () => {
    const servers = ["10.0.0.1", "10.0.0.2", "fec0::1"];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...servers), fc.boolean()), { maxLength: 30 }), async (steps) => {
        const { handler, installer } = setup();
        const users = new Map<string, number>();
        const done: unknown[] = [];
        for (const [server, add] of steps) {
          done.push(add ? handler.handle(context, dns(server)) : handler.release(context, dns(server)));
          users.set(server, Math.max(0, (users.get(server) ?? 0) + (add ? 1 : -1)));
        }
        await Promise.all(done);
        const installed = new Set<string>();
        for (const entry of installer.journal) {
          const server = entry.slice(1, entry.indexOf(" "));
          if (entry.startsWith("+")) installed.add(server);
          else installed.delete(server);
        }
        expect([...installed].sort()).toEqual(servers.filter((server) => (users.get(server) ?? 0) > 0));
      }),
      { numRuns: 50 },
    );
  });
});
