import { noMessages } from "@cygnet/plugin-api";
import type { LoadTestStatus } from "@cygnet/plugin-load-tester";
import { describe, expect, it } from "vitest";
import { droppedOf, momentOf, outcomeOf } from "../src/figures.js";
import { parseUsage, processUsage } from "../src/process-usage.js";
import { Progress, progressText } from "../src/progress.js";
import { formatSummary, summarize } from "../src/summary.js";
import { CollectingTerminal } from "@cygnet/command/testing";

const STATUS: LoadTestStatus = {
  started: 100,
  established: 90,
  failed: 4,
  refused: 3,
  retransmits: 2,
  half_open: 6,
  up: 90,
  running: true,
  elapsed_ms: 1500.5,
  setup_ms: { count: 90, min: 1, mean: 5, p50: 4, p90: 9, p95: 10.12345, p99: 12, p999: 13, max: 14 },
  setup_ms_histogram: [],
  sockets: { received: 1, sent: 1, dropped: 7, send_errors: 0 },
  processor: { total: 32, idle: 28, working: [4, 0, 0, 0], queued: [0, 1, 2, 3] },
  messages: noMessages(),
};
const withDrops = (dropped: number, half_open = 6): LoadTestStatus => ({
  ...STATUS,
  half_open,
  sockets: { ...STATUS.sockets, dropped },
});

describe("summary", () => {
  const usage = { before: { cpuUs: 1_000_000, rssBytes: 50_000_000 }, after: { cpuUs: 1_045_000, rssBytes: 50_360_000 } };

  it("divides what was used since the beginning by the sessions that were set up", () => {
    const summary = summarize({ sessions: 100, outcome: outcomeOf(STATUS), responder: usage, initiator: usage, dropped: 5 });
    expect(summary).toEqual({
      sessions: 100,
      established: 90,
      failed: 7,
      seconds: 1.501,
      setups_per_second: 60,
      setup_ms: { p50: 4, p95: 10.123, p99: 12, max: 14 },
      responder: { cpu_us_per_sa: 500, rss_bytes_per_sa: 4000 },
      initiator: { cpu_us_per_sa: 500, rss_bytes_per_sa: 4000 },
      datagrams_dropped: 5,
      retransmissions: 2,
    });
  });

  it("has null for a remote responder, and where nothing was set up or could be read", () => {
    const nothing = { cpu_us_per_sa: null, rss_bytes_per_sa: null };
    const remote = summarize({
      sessions: 1,
      outcome: outcomeOf(STATUS),
      responder: undefined,
      initiator: { ...usage, after: undefined },
      dropped: 0,
    });
    expect([remote.responder, remote.initiator]).toEqual([nothing, nothing]);
    const outcome = { ...outcomeOf(STATUS), established: 0, elapsedMs: 0 };
    const failed = summarize({ sessions: 1, outcome, responder: usage, initiator: usage, dropped: 0 });
    expect([failed.responder, failed.setups_per_second]).toEqual([nothing, 0]);
    expect(formatSummary(failed)).toContain("responder per SA:   not known\n");
  });

  it("reads as text with units", () => {
    const text = formatSummary(
      summarize({ sessions: 100, outcome: outcomeOf(STATUS), responder: usage, initiator: usage, dropped: 5 }),
    );
    expect(text).toContain("90 of 100 set up, 7 failed, in 1.50 s");
    expect(text).toContain("p50 4.0 ms, p95 10.1 ms, p99 12.0 ms, max 14.0 ms");
    expect(text).toContain("responder per SA:   500 us of CPU, 4000 bytes resident");
  });
});

describe("figures of a moment", () => {
  it("count the datagrams that both sides dropped since the beginning", () => {
    expect(droppedOf({ initiator: withDrops(7), responder: withDrops(4) })).toBe(11);
    const before = { initiator: withDrops(1), responder: withDrops(2) };
    expect(momentOf({ initiator: withDrops(7), responder: withDrops(4) }, before, 100, 50).dropped).toBe(8);
  });

  it("take half-open IKE_SAs from the responder, and from the initiator if that is a remote one", () => {
    const initiator = withDrops(0, 9);
    const local = { initiator, responder: withDrops(0, 2) };
    expect(momentOf(local, local, 1, 0).halfOpen).toBe(2);
    const remote = { initiator, responder: undefined };
    expect(momentOf(remote, remote, 1, 0)).toMatchObject({ halfOpen: 9, queued: [{ side: "initiator", jobs: [0, 1, 2, 3] }] });
  });
});

describe("progress", () => {
  const moment = (elapsedMs: number, established: number) =>
    momentOf(
      { initiator: { ...STATUS, established }, responder: STATUS },
      { initiator: STATUS, responder: STATUS },
      100,
      elapsedMs,
    );

  it("tells the rate since the line before", () => {
    expect(progressText(moment(2000, 60), moment(1000, 40))).toBe(
      "  2.0 s  60/100 set up, 7 failed, 20/s, 6 half-open, jobs queued: responder 0/1/2/3, initiator 0/1/2/3, 0 datagrams dropped",
    );
    expect(progressText(moment(500, 40), undefined)).toContain(", 80/s,");
  });

  it.each([
    [
      123,
      "  2.0 s  60/100 set up, 7 failed, 20/s, 6 half-open, jobs queued: responder 0/1/2/3, initiator 0/1/2/3, 0 datagrams dropped",
    ],
    [122, "  2.0 s  60/100 set up, 7 failed, 20/s, 6 half-open, jobs r 0/1/2/3, i 0/1/2/3, 0 dropped"],
    [89, "  2.0 s  60/100 set up, 7 failed, 20/s, 6 half-open, jobs r 0/1/2/3, i 0/1/2/3, 0 dropped"],
    [88, "  2.0 s  60/100 set up, 7 failed, 20/s, 6 half-open, jobs r 6, i 6, 0 dropped"],
    [75, "  2.0 s  60/100 set up, 7 failed, 20/s, 6 open, jobs 6+6, 0 dropped"],
    [65, "  2.0 s  60/100 set up, 7 failed, 20/s, 6 half-open, 0 dropped"],
    [50, "  2.0 s  60/100 set up, 7 failed, 20/s"],
    [20, "  2.0 s  60/100 set "],
  ])("fits %d columns by saying what matters less shorter, then not at all", (width, text) => {
    expect(progressText(moment(2000, 60), moment(1000, 40), width)).toBe(text);
    expect(text.length).toBeLessThanOrEqual(width);
  });

  it("has all figures of a large test on a terminal of 80 columns", () => {
    const queued = ["responder", "initiator"].map((side) => ({ side, jobs: [0, 0, 44, 55] }));
    const large = { elapsedMs: 12_400, sessions: 20_000, established: 12_345, failed: 0, halfOpen: 108, queued, dropped: 0 };
    expect(progressText(large, undefined, 79)).toBe(
      " 12.4 s  12345/20000 set up, 0 failed, 996/s, 108 open, jobs 99+99, 0 dropped",
    );
  });

  it("rewrites one line on a terminal, no longer than it is wide, and writes plain lines otherwise", () => {
    const wide = new CollectingTerminal(true);
    const live = new Progress(wide);
    live.show(moment(1000, 10));
    live.show(moment(2000, 20));
    live.end();
    live.end();
    const shown = wide.errors.split("\r\x1b[K");
    expect(shown.map((line) => line.trimEnd().length < wide.columns)).not.toContain(false);
    expect(shown.slice(1).map((line) => line.slice(0, 15))).toEqual(["  1.0 s  10/100", "  2.0 s  20/100"]);
    expect(wide.errors.match(/\n/g)).toHaveLength(1);
    const plain = new CollectingTerminal();
    const lines = new Progress(plain);
    lines.show(moment(1000, 10));
    lines.end();
    expect(plain.errors).toMatch(/^ {2}1\.0 s {2}10\/100[^\n]*dropped\n$/);
    expect(plain.errors).not.toContain("\x1b");
  });
});

describe("usage of a process", () => {
  const stat = (comm: string): string => `4711 (${comm}) S 1 1 1 0 -1 4194304 97 0 0 0 250 50 7 8 20 0 1 0 415771 3133440 381\n`;
  const status = "Name:\tx\nVmHWM:\t 2000 kB\nVmRSS:\t    1632 kB\n";

  it("is read from /proc, whatever the program is called", () => {
    for (const name of ["node", "a b", ") 1 2 3 ("])
      expect(parseUsage(stat(name), status)).toEqual({ cpuUs: 3_000_000, rssBytes: 1632 * 1024 });
  });

  it("is not known of a process that has ended", () => {
    expect(parseUsage(stat("node"), "Name:\tx\nState:\tZ (zombie)\n")).toBeUndefined();
    expect(processUsage(2 ** 22 + 1)).toBeUndefined();
  });

  it.skipIf(process.platform !== "linux")("is known of this process", () => {
    expect(processUsage(process.pid)?.rssBytes).toBeGreaterThan(1_000_000);
  });
});
