import { diagnose } from "@cygnet/runtime";
import { describe, expect, it } from "vitest";
import { daemon, job, shard, spans, thread, wait } from "./profiles.js";

const saturated = (number: number) => thread(number, 9900, { saturatedMs: 9000 });
const onWorkers = { control: { thread: thread(0, 500), waits: [] } };

describe("diagnose", () => {
  it("finds nothing about a daemon that has little to do", () => {
    expect(diagnose(daemon())).toEqual([]);
  });

  it("finds the affinity mask that is used up while other CPUs idle", () => {
    const profile = daemon([shard(0, { thread: saturated(0) })], {
      control: { thread: saturated(0), waits: [] },
      host: { onlineCpus: 8, usableCpus: 1, machineBusyMs: 12_000, machineMs: 80_000, processMs: 9800 },
    });
    expect(diagnose(profile)).toEqual([
      {
        cause: "affinity",
        text:
          "The CPU affinity mask allows 1 of 8 CPUs, and they are used up: control, shard 0 was busy without a break for 9.00 s of 10.0 s, " +
          "while 6.8 of 8 CPUs idled. Widen it (taskset, cpuset, the limits of a container).",
      },
    ]);
  });

  it("tells that others use the CPUs of the mask, too", () => {
    const profile = daemon([shard(0, { thread: saturated(0) })], {
      control: { thread: saturated(0), waits: [] },
      host: { onlineCpus: 8, usableCpus: 1, machineBusyMs: 12_000, machineMs: 80_000, processMs: 4900 },
    });
    expect(diagnose(profile)[0].text).toContain("others had a CPU of the mask for 5.00 s of the 9.90 s that it was wanted");
  });

  it("finds the one shard that all wait for", () => {
    const [finding] = diagnose(daemon([shard(0, { thread: saturated(1) })], onWorkers));
    expect(finding).toEqual({
      cause: "one-shard",
      text:
        "One thread is the limit: shard 0 was busy without a break for 9.00 s of 10.0 s, while 4.0 of 8 CPUs idled. " +
        "All work is done by one shard.",
    });
  });

  it("finds the one of several shards that has all the work", () => {
    const shards = [shard(0, { thread: saturated(1) }), shard(1, { thread: thread(2, 300) })];
    const [finding] = diagnose(daemon(shards, onWorkers));
    expect(finding.cause).toBe("one-shard");
    expect(finding.text).toContain("and shard 1 3.0 % busy. The work is not spread over the shards.");
  });

  it("blames no thread where no CPU idles", () => {
    const host = { onlineCpus: 2, usableCpus: 2, machineBusyMs: 19_900, machineMs: 20_000, processMs: 9900 };
    expect(diagnose(daemon([shard(0, { thread: saturated(1) })], { ...onWorkers, host }))).toEqual([]);
  });

  it("finds garbage collection that takes much of the time", () => {
    const collecting = thread(1, 8000, { gc: spans(100, 40) });
    expect(diagnose(daemon([shard(0, { thread: collecting })], onWorkers))).toEqual([
      {
        cause: "gc",
        text:
          "Garbage collection took 4.00 s of the 8.00 s that shard 0 was busy (50 %), in 100 pauses of up to 40.0 ms: " +
          "the heap is too small for what it holds (NODE_OPTIONS=--max-old-space-size=MB).",
      },
    ]);
  });

  it("finds the socket that overflows, and the limit of the system where that is low", () => {
    const [socket] = shard(0).sockets;
    const full = { ...socket, received: 9000, dropped: 1000, bufferBytes: 425_984, peakQueuedBytes: 425_000 };
    expect(diagnose(daemon([shard(0, { sockets: [full] })]))).toEqual([
      {
        cause: "socket-overflow",
        text:
          "Datagrams came faster than they were read: 0.0.0.0[500] lost 1000 of 10000 (10 %) because its receive buffer of 416 KiB " +
          "was full, the longest queue that was seen was 415 KiB. The limit of the system is low (sysctl net.core.rmem_max).",
      },
    ]);
    const once = { ...socket, received: 1_000_000, dropped: 1 };
    expect(diagnose(daemon([shard(0, { sockets: [once] })]))).toEqual([]);
  });

  it("finds job slots that waiting jobs hold, by whom and for what, though none of them has ended", () => {
    const waiting = shard(0, {
      processor: { total: 16, idle: 0, working: [4, 0, 12, 0], queued: [0, 0, 40, 0], scheduled: 0 },
      starved: spans(1, 1000, 1, 7000),
      jobs: [job("process-message", spans(100, 2)), job("authenticate", spans(12, 1), spans(0, 0, 12, 9000))],
      waits: [wait("radius", "access", spans(3, 2000, 12, 9000)), wait("peer", "IKE_AUTH", spans(1000, 5000))],
    });
    const [finding] = diagnose(daemon([waiting]));
    expect(finding).toEqual({
      cause: "slots",
      text:
        "Jobs of shard 0 found no free job slot for 8.00 s of 10.0 s, while its thread was 10 % busy: of 16 slots 10.8 at a time were held " +
        "by jobs that wait, 10.8 of them by 'authenticate'. Raise charon.threads, or look at what they wait for: radius access, 11.4 at a " +
        "time, p99 2.00 s.",
    });
  });

  it("tells of idle slots that are reserved for others", () => {
    const [finding] = diagnose(daemon([shard(0, { starved: spans(1, 2000) })]));
    expect(finding.text).toContain("11 idle ones are reserved (charon.processor.priority_threads).");
  });

  it("finds initiators that wait rather than initiate, and for what", () => {
    const waits = [
      wait("load-tester", "initiator", spans(0, 0, 10, 10_000)),
      wait("load-tester", "delay", spans(90, 1000)),
      wait("load-tester", "init_limit", spans(10, 500)),
    ];
    const idle = { control: { thread: thread(0, 1000), waits } };
    expect(diagnose(daemon([shard(0)], idle))).toEqual([
      {
        cause: "initiators",
        text:
          "The load test is held back by its initiators: 95 % of their time they waited, 90 % for delay and 5.0 % for init_limit, " +
          "while the busiest thread (control, shard 0) was 10 % busy. A shorter delay or more initiators set up more.",
      },
    ]);
    const host = { ...daemon().host, machineBusyMs: 80_000 };
    expect(diagnose(daemon([shard(0, { thread: saturated(0) })], { control: { thread: saturated(0), waits }, host }))).toEqual(
      [],
    );
  });

  it("finds peers that answer late while there is nothing else to do", () => {
    const slow = shard(0, {
      waits: [wait("peer", "IKE_SA_INIT", spans(60, 900)), wait("peer", "IKE_AUTH", spans(40, 400))],
      retransmissions: { sent: 7, givenUp: 2 },
    });
    expect(diagnose(daemon([slow]))).toEqual([
      {
        cause: "peers",
        text:
          "Peers, or the way to them, are slow: 100 responses took 700 ms on average (p99 900 ms), 7 requests were sent again and " +
          "2 peers given up, while the busiest thread (control, shard 0) was 10 % busy.",
      },
    ]);
    expect(diagnose(daemon([{ ...slow, thread: thread(1, 8000) }]))).toEqual([]);
  });
});
