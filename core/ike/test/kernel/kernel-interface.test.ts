import { ChildSaState, Host } from "@cygnet/plugin-api";
import type { ChildKeys, KernelIpsec } from "@cygnet/plugin-api";
import type { LogManager } from "@cygnet/runtime";
import { describe, expect, it } from "vitest";
import { NO_MARK, TrafficSelector } from "../../src/config/index.js";
import { KernelInterface } from "../../src/kernel/kernel-interface.js";
import { Reqids } from "../../src/kernel/reqids.js";
import type { ChildSa } from "../../src/sa/child-sa.js";

/** A kernel that writes down what it is told; `fails` names the call that it refuses, `isSlow` has it answer later. */
function kernel(options: { fails?: string; isSlow?: boolean } = {}) {
  const calls: string[] = [];
  const keysSeen: string[] = [];
  const answer = (call: string): undefined | Promise<undefined> => {
    calls.push(call);
    const error = call.startsWith(options.fails ?? "never") ? new Error(`${call} refused`) : undefined;
    if (options.isSlow) return error ? Promise.reject(error) : Promise.resolve(undefined);
    if (error) throw error;
    return undefined;
  };
  const ipsec: Partial<KernelIpsec> = {
    getSpi: () => 0xc0000001,
    addSa: (id, sa) => {
      keysSeen.push(String(sa.encryptionKey));
      return answer(`addSa ${id.spi.toString(16)}`);
    },
    deleteSa: (id) => answer(`deleteSa ${id.spi.toString(16)}`),
    addPolicy: ({ direction }) => answer(`addPolicy ${direction}`),
    deletePolicy: ({ direction }) => answer(`deletePolicy ${direction}`),
    updateSa: (id, source, destination) => answer(`updateSa ${id.spi.toString(16)} ${source} ${destination}`),
    querySa: () => {
      throw new Error("no such SA");
    },
  };
  const log = { log: () => undefined, enabled: () => false } as unknown as LogManager;
  const reqids = new Reqids(RANGE);
  return {
    calls,
    reqids,
    keysSeen,
    kernel: new KernelInterface({ ipsec: ipsec as KernelIpsec, net: undefined }, log, { replay_window: 32 }, reqids),
  };
}

const RANGE = { base: 1, shard: 0, shards: 1 };
const MOON = Host.of("192.0.2.1", 500);
const SUN = Host.of("192.0.2.2", 500);

function childSa(): ChildSa {
  const mark = NO_MARK;
  return {
    state: ChildSaState.INSTALLING,
    installed: 0,
    spiIn: 0,
    spiOut: 0xd0000001,
    protocol: 3,
    mode: "tunnel",
    reqid: 0,
    local: MOON,
    remote: SUN,
    localTs: [TrafficSelector.any(4)],
    remoteTs: [TrafficSelector.any(4)],
    config: { installPolicy: true, replayWindow: undefined, markIn: mark, markOut: mark, ifIdIn: mark, ifIdOut: mark },
  } as unknown as ChildSa;
}

const keys = (): ChildKeys => ({
  encryptionInitiator: Uint8Array.of(1),
  encryptionResponder: Uint8Array.of(2),
  integrityInitiator: Uint8Array.of(3),
  integrityResponder: Uint8Array.of(4),
});

const INSTALLED = ["addSa c0000001", "addSa d0000001", "addPolicy out", "addPolicy in", "addPolicy fwd"];
const REMOVED = ["deletePolicy out", "deletePolicy in", "deletePolicy fwd", "deleteSa d0000001", "deleteSa c0000001"];

describe("a CHILD_SA in the kernel", () => {
  for (const isSlow of [false, true]) {
    const manner = isSlow ? "answers later" : "answers at once";

    it(`is installed in order and removed once, whoever asks again, by a kernel that ${manner}`, async () => {
      const { calls, kernel: kernels } = kernel({ isSlow });
      const child = childSa();
      await kernels.allocateSpi(child);
      await kernels.install(child, true, keys());
      expect(calls.splice(0)).toEqual(INSTALLED);
      kernels.remove(child);
      kernels.remove(child);
      expect(calls).toEqual(REMOVED);
    });

    it(`leaves nothing when a step fails, by a kernel that ${manner}`, async () => {
      for (const [fails, undone] of [
        ["addSa c0000001", ["deleteSa c0000001"]],
        ["addSa d0000001", ["deleteSa d0000001", "deleteSa c0000001"]],
        // Not the policy that was refused: another CHILD_SA may have an equal one.
        ["addPolicy in", ["deletePolicy out", "deletePolicy fwd", ...REMOVED.slice(3)]],
      ] as const) {
        const { calls, kernel: kernels } = kernel({ isSlow, fails });
        const child = childSa();
        await kernels.allocateSpi(child);
        await expect((async () => kernels.install(child, true, keys()))()).rejects.toThrow("refused");
        expect(calls.filter((call) => call.startsWith("delete"))).toEqual(undone);
      }
    });
  }

  it("is not installed any further when it was given up meanwhile", async () => {
    const { calls, kernel: kernels } = kernel({ isSlow: true });
    const child = childSa();
    await kernels.allocateSpi(child);
    const installing = kernels.install(child, true, keys());
    child.state = ChildSaState.DESTROYING;
    kernels.remove(child);
    await installing;
    expect(calls).not.toContain("addSa d0000001");
    expect(calls.at(-1)).toBe("deleteSa c0000001");
    expect(child.installed).toBe(0);
  });

  it("gets its keys although the caller wipes them when the call returns", async () => {
    const { keysSeen, kernel: kernels } = kernel({ isSlow: true });
    const given = keys();
    const installing = kernels.install(childSa(), true, given);
    for (const key of Object.values(given) as Uint8Array[]) key.fill(0);
    await installing;
    // Inbound what the responder sends with, outbound what the initiator does.
    expect(keysSeen).toEqual(["2", "1"]);
  });

  it("loses policies and outbound SA when it is retired, and keeps the inbound SA", async () => {
    const { calls, kernel: kernels } = kernel();
    const child = childSa();
    await kernels.allocateSpi(child);
    await kernels.install(child, true, keys());
    calls.length = 0;
    kernels.retire(child);
    expect(calls.splice(0)).toEqual(REMOVED.slice(0, 4));
    kernels.remove(child);
    expect(calls).toEqual(["deleteSa c0000001"]);
  });

  it("moves to other addresses with its policies", async () => {
    const { calls, kernel: kernels } = kernel();
    const child = childSa();
    await kernels.allocateSpi(child);
    await kernels.install(child, true, keys());
    calls.length = 0;
    const elsewhere = Host.of("203.0.113.1", 4500);
    expect(await kernels.move(child, { local: MOON, remote: elsewhere }, false)).toBe(true);
    expect(child.remote).toBe(elsewhere);
    expect(calls).toEqual([
      "updateSa c0000001 203.0.113.1 192.0.2.1",
      "updateSa d0000001 192.0.2.1 203.0.113.1",
      ...REMOVED.slice(0, 3),
      ...INSTALLED.slice(2),
    ]);
  });

  it("has the reqid of others with its selectors, and gives it back once, however it ends", async () => {
    for (const options of [{}, { isSlow: true }, { fails: "addPolicy" }, { fails: "addSa", isSlow: true }]) {
      const { kernel: kernels, reqids } = kernel(options);
      const [one, other, rekeyed] = [childSa(), childSa(), childSa()];
      for (const child of [one, other]) await (async () => kernels.install(child, true, keys()))().catch(() => undefined);
      expect([one.reqid, other.reqid]).toEqual([1, 1]);
      kernels.shareReqid(rekeyed, one);
      expect(rekeyed.reqid).toBe("fails" in options ? 0 : 1);
      for (const child of [one, one, other]) kernels.remove(child);
      expect(reqids.size).toBe("fails" in options ? 0 : 1);
      kernels.remove(rekeyed);
      expect(reqids.size).toBe(0);
    }
  });

  it("has the reqid that its configuration gives", async () => {
    const { kernel: kernels, reqids } = kernel();
    const child = childSa();
    child.reqid = 77;
    await kernels.install(child, true, keys());
    kernels.remove(child);
    expect([child.reqid, reqids.size]).toEqual([77, 0]);
  });

  it("has no figures when the kernel does not know it", async () => {
    const { kernel: kernels } = kernel();
    expect(await kernels.use(childSa())).toEqual({ inbound: undefined, outbound: undefined });
  });

  it("needs a kernel", () => {
    const log = { log: () => undefined } as unknown as LogManager;
    const none = new KernelInterface({ ipsec: undefined, net: undefined }, log, { replay_window: 32 }, new Reqids(RANGE));
    expect(() => none.ipsec).toThrow("no plugin provides CUSTOM:kernel-ipsec");
  });
});
