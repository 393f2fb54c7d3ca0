import { RngQuality, SystemError } from "@cygnet/plugin-api";
import { describeCryptoPlugin, registerAll } from "@cygnet/plugin-testkit/crypto";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import random, { DeviceRng, PooledRng } from "../src/index.js";

describeCryptoPlugin(random, { features: ["RNG:RNG_STRONG", "RNG:RNG_TRUE"] });

describe("plugin random", () => {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-random-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const device = (name: string, octets: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, octets);
    return path;
  };
  const isOpen = (path: string): boolean =>
    readdirSync("/proc/self/fd").some((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        return false;
      }
    });

  it("draws from the kernel's generator by default", () => {
    const { registry } = registerAll(random);
    expect(registry.rngs.map(({ algorithm }) => algorithm)).toEqual([expect.any(PooledRng), expect.any(PooledRng)]);
    const draws = [1, 2, 3].map(() => {
      const out = new Uint8Array(5000);
      registry.rng(RngQuality.TRUE)?.bytes(out);
      return out;
    });
    expect(new Set(draws.map((out) => out.join())).size).toBe(3);
    // All 256 values occur in 5,000 octets, but for once in a million runs.
    for (const out of draws) expect(new Set(out).size).toBeGreaterThan(240);
  });

  it("reads the devices that are configured", () => {
    const options = { random: device("true", Uint8Array.of(1, 2, 3)), urandom: device("strong", Uint8Array.of(4, 5, 6)) };
    const { registry } = registerAll(random, options);
    const out = new Uint8Array(3);
    registry.rng(RngQuality.TRUE)?.bytes(out);
    expect(out).toEqual(Uint8Array.of(1, 2, 3));
    registry.rng(RngQuality.STRONG)?.bytes(out);
    expect(out).toEqual(Uint8Array.of(4, 5, 6));
  });

  it("takes strong numbers from the true source when told to", () => {
    const { registry } = registerAll(random, { random: device("both", Uint8Array.of(9, 8, 7)), strong_equals_true: true });
    const out = new Uint8Array(2);
    registry.rng(RngQuality.STRONG)?.bytes(out);
    expect(out).toEqual(Uint8Array.of(9, 8));
  });

  it("closes its devices when it is unloaded", async () => {
    const path = device("closed", Uint8Array.of(1));
    const { undo, registry } = registerAll(random, { random: path });
    expect(isOpen(path)).toBe(true);
    await undo();
    expect([isOpen(path), registry.size]).toEqual([false, 0]);
  });

  it("fails when a device is missing or ends", () => {
    const missing = join(folder, "missing");
    const failure = { code: "CYG_RANDOM_SOURCE", syscall: "open", errno: "ENOENT" };
    expect(() => registerAll(random, { random: missing })).toThrow(expect.objectContaining(failure) as SystemError);
    const rng = new DeviceRng(RngQuality.TRUE, device("short", Uint8Array.of(1, 2)));
    expect(() => rng.bytes(new Uint8Array(3))).toThrow(SystemError);
    rng.close();
    rng.close();
  });
});
