import type { networkInterfaces } from "node:os";
import { Host } from "@cygnet/plugin-api";
import { VirtualClock } from "@cygnet/runtime/testing";
import { describe, expect, it } from "vitest";
import { UsableInterfaces } from "../src/services/usable-interfaces.js";

type Interfaces = ReturnType<typeof networkInterfaces>;

const entry = (address: string) => ({ address }) as NonNullable<Interfaces[string]>[number];
const ADDRESSES: Interfaces = {
  lo: [entry("127.0.0.1")],
  eth0: [entry("192.0.2.1"), entry("2001:db8::1")],
  eth1: [entry("10.0.0.1")],
};

function usable(use: readonly string[], ignore: readonly string[]): string[] {
  const interfaces = new UsableInterfaces({ use, ignore }, new VirtualClock(), () => ADDRESSES);
  return ["127.0.0.1", "192.0.2.1", "2001:db8::1", "10.0.0.1", "10.9.9.9"].filter((text) => interfaces.has(Host.of(text)));
}

describe("UsableInterfaces", () => {
  it("has the addresses of interfaces_use, whatever interfaces_ignore says", () => {
    expect(usable(["eth0"], [])).toEqual(["192.0.2.1", "2001:db8::1"]);
    expect(usable(["eth0"], ["eth0"])).toEqual(["192.0.2.1", "2001:db8::1"]);
  });

  it("has all addresses but those of interfaces_ignore", () => {
    expect(usable([], ["eth0", "lo"])).toEqual(["10.0.0.1"]);
  });

  it("notices within a second what comes and goes, and asks no more often than that", () => {
    const clock = new VirtualClock();
    let addresses = ADDRESSES;
    let reads = 0;
    const interfaces = new UsableInterfaces({ use: ["eth1"], ignore: [] }, clock, () => (reads++, addresses));
    for (let i = 0; i < 10; i++) expect(interfaces.has(Host.of("10.0.0.1").withPort(500))).toBe(true);
    expect(reads).toBe(1);
    addresses = { eth1: [entry("10.0.0.2")] };
    clock.advance(1000);
    expect(["10.0.0.1", "10.0.0.2"].map((text) => interfaces.has(Host.of(text)))).toEqual([false, true]);
  });
});
