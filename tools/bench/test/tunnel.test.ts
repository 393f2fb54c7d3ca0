import { describe, expect, it } from "vitest";
import { tunnelObstacle } from "../src/peer/strongswan.js";
import { tunnelMeasurements } from "../src/tunnel/tunnel-measurements.js";

const names = (peer: "strongswan" | undefined): string[] =>
  tunnelMeasurements(peer).flatMap(({ rows }) => rows.map(({ name }) => name));

describe("rows of kernel-libipsec", () => {
  it("are cygnet's alone without a peer", () => {
    expect(names(undefined)).toEqual([
      "libipsec.aes128gcm16.mbit_per_second",
      "libipsec.aes128gcm16.packets_per_second",
      "libipsec.aes128-sha1.mbit_per_second",
      "libipsec.aes128-sha1.packets_per_second",
    ]);
  });

  it("are both daemons' with one, and at least twice strongSwan's rate is asked for", () => {
    const rows = tunnelMeasurements("strongswan").flatMap((measurement) => measurement.rows);
    expect(rows).toHaveLength(12);
    expect(rows.filter(({ atLeast }) => atLeast === 2).map(({ name }) => name)).toEqual([
      "libipsec.aes128gcm16.mbit_per_second_ratio",
      "libipsec.aes128gcm16.packets_per_second_ratio",
      "libipsec.aes128-sha1.mbit_per_second_ratio",
      "libipsec.aes128-sha1.packets_per_second_ratio",
    ]);
  });

  it.skipIf(process.getuid?.() === 0)("are skipped with the reason where only root could make them", () => {
    expect(tunnelObstacle()).toBe("only root can make network namespaces");
  });
});
