import { describe, expect, it } from "vitest";
import type { LoadedFeature, LoadedPlugin, RegisteredAlgorithm } from "@cygnet/plugin-api";
import {
  algorithmLines,
  counterLines,
  formatDuration,
  formatTime,
  leaseLine,
  pluginLines,
  poolLine,
  statusHeader,
} from "../../src/index.js";
import { captured } from "../support/captured.js";

/** Takes a captured `listalgs` apart again. */
function algorithmsOf(lines: readonly string[]): RegisteredAlgorithm[] {
  const rows: RegisteredAlgorithm[] = [];
  let kind = "";
  for (const line of lines.slice(3)) {
    kind = /^ {2}([a-z-]+):/.exec(line)?.[1] ?? kind;
    for (const [, name, plugin] of line.slice(13).matchAll(/([^ [\]]*)\[([^\]]*)\]/g)) {
      rows.push({ kind: kind as RegisteredAlgorithm["kind"], name, plugin });
    }
  }
  return rows;
}

/** Takes a captured `listplugins` apart again. */
function pluginsOf(lines: readonly string[]): LoadedPlugin[] {
  const plugins: {
    name: string;
    features: { feature: string; loaded: boolean; depends: LoadedFeature["depends"][number][] }[];
  }[] = [];
  for (const line of lines.slice(3)) {
    if (line.startsWith("        ")) plugins.at(-1)!.features.at(-1)!.depends.push({ feature: line.trim(), soft: false });
    else if (line.startsWith("    ")) plugins.at(-1)!.features.push({ feature: line.trim(), loaded: true, depends: [] });
    else plugins.push({ name: line.slice(0, -1), features: [] });
  }
  return plugins;
}

describe("algorithmLines", () => {
  it.each(["5.9.8", "6.0.6"] as const)("wraps as the capture of %s", (version) => {
    const lines = captured(version, "ipsec listalgs");
    const algorithms = algorithmsOf(lines);
    expect(algorithms.length).toBeGreaterThan(60);
    expect(algorithmLines(algorithms)).toEqual(lines);
  });
});

describe("pluginLines", () => {
  it("prints features and dependencies as captured", () => {
    const lines = captured("6.0.6", "ipsec listplugins");
    expect(pluginLines(pluginsOf(lines))).toEqual(lines);
  });

  it("marks soft dependencies and features that are not loaded", () => {
    const feature = { feature: "CUSTOM:stroke", loaded: false, depends: [{ feature: "CUSTOM:counters", soft: true }] };
    expect(pluginLines([{ name: "stroke", features: [feature] }]).slice(3)).toEqual([
      "stroke:",
      "    CUSTOM:stroke (not loaded)",
      "        CUSTOM:counters (soft)",
    ]);
  });
});

describe("counterLines", () => {
  it("aligns names and figures as captured", () => {
    expect(counterLines(undefined, { ikeInitRekey: 0, ikeOutInitReq: 3 })).toEqual([
      "",
      "List of IKE counters:",
      "",
      "ikeInitRekey                  0",
      "ikeOutInitReq                 3",
    ]);
    expect(counterLines("net-net", {})[1]).toBe("List of IKE counters for 'net-net':");
  });
});

describe("leases", () => {
  it("are printed as captured", () => {
    const pool = { name: "10.3.0.0/24", base: "10.3.0.1", size: 254 };
    const lease = { pool: "10.3.0.0/24", address: "10.3.0.1", identity: "moon.example.org" };
    const online = [poolLine({ ...pool, online: 1, offline: 0 }), leaseLine({ ...lease, online: true })];
    const offline = [poolLine({ ...pool, online: 0, offline: 1 }), leaseLine({ ...lease, online: false })];
    expect(online).toEqual(captured("6.0.6", "ipsec leases", 0));
    expect(offline).toEqual(captured("6.0.6", "ipsec leases", 1));
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0 seconds"],
    [1, "1 second"],
    [120, "120 seconds"],
    [121, "2 minutes"],
    [3290, "54 minutes"],
    [7200, "120 minutes"],
    [7201, "2 hours"],
    [172_800, "48 hours"],
    [172_801, "2 days"],
    [86_400 * 10, "10 days"],
    [-5, "0 seconds"],
  ])("prints %d s as %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe("formatTime", () => {
  it("prints local time with two digits for the day", () => {
    expect(formatTime(new Date(2026, 10, 2, 7, 3, 5).getTime())).toBe("Nov 02 07:03:05 2026");
  });
});

describe("statusHeader", () => {
  const figures = { total: 16, idle: 7, working: [5, 0, 4, 0], queued: [0, 0, 0, 0], scheduled: 5 } as const;
  const lines = captured("6.0.6", "ipsec statusall", 1);
  const status = {
    version: "6.0.6",
    uptimeSeconds: 26,
    startedMs: new Date(2026, 10, 22, 17, 33, 56).getTime(),
    processor: figures,
    plugins: lines
      .find((line) => line.includes("loaded plugins: "))!
      .slice("  loaded plugins: ".length)
      .split(" "),
    listening: ["10.9.0.2"],
    ikeSas: 1,
    halfOpen: 0,
  };
  const system = { type: "Linux", release: "6.1.0-amd64", machine: "x86_64" };
  const pools = [{ name: "10.3.0.0/24", base: "10.3.0.1", size: 254, online: 0, offline: 0 }];

  it("prints the captured head, but for the figures of malloc", () => {
    const head = lines.slice(0, lines.indexOf("Connections:")).filter((line) => !line.startsWith("  malloc:"));
    expect(statusHeader({ status, system, pools, isWeak: false, pluginLines: [] })).toEqual(head);
  });

  it("calls itself weak where aggressive mode with pre-shared keys is allowed, and has no heading for no pools", () => {
    const head = statusHeader({ status, system, pools: [], isWeak: true, pluginLines: ["acme: all is well"] });
    expect(head[4]).toBe("  acme: all is well");
    expect(head[0]).toBe("Status of IKE charon daemon (weakSwan 6.0.6, Linux 6.1.0-amd64, x86_64):");
    expect(head).not.toContain("Virtual IP pools (size/online/offline):");
  });
});
