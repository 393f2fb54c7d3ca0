import { CygnetError, JobPriority, LogGroup } from "@cygnet/plugin-api";
import type { Job, JobRequeue, MaybePromise, PerPriority } from "@cygnet/plugin-api";
import { JobProcessor, LogManager, WheelScheduler, bucketOf, percentileUs } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { describe, expect, it } from "vitest";

function setup(slots = 4, reservations: PerPriority = [0, 0, 0, 0]) {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink();
  log.addSink(sink);
  const deferred: (() => void)[] = [];
  const processor = new JobProcessor({
    log,
    clock,
    timers: clock,
    slots,
    reservations,
    defer: (callback) => void deferred.push(callback),
  });
  const scheduler = new WheelScheduler({ clock, timers: clock, processor });
  processor.useScheduler(scheduler);
  /** Lets the event loop go round until nothing comes back. */
  const turn = (): void => {
    for (const callback of deferred.splice(0)) callback();
  };
  return { clock, log, sink, processor, scheduler, deferred, turn };
}

function job(name: string, priority: JobPriority, execute: () => MaybePromise<JobRequeue> = () => undefined): Job {
  return { name, priority, execute };
}

/** A job that waits until it is told to end. */
function waiting(name: string, priority: JobPriority) {
  let end!: (requeue?: JobRequeue) => void;
  let fail!: (error: Error) => void;
  const promise = new Promise<JobRequeue>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { job: job(name, priority, () => promise), end, fail };
}

/** Lets settled promises have their say. */
const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

describe("job processor", () => {
  it("runs the highest class first and each class in order", () => {
    const { processor } = setup();
    const ran: string[] = [];
    const note = (name: string, priority: JobPriority): void => processor.queue(job(name, priority, () => void ran.push(name)));
    note("low1", JobPriority.LOW);
    note("low2", JobPriority.LOW);
    note("medium", JobPriority.MEDIUM);
    note("critical", JobPriority.CRITICAL);
    note("high", JobPriority.HIGH);
    note("odd", 17 as JobPriority);
    expect(processor.status().queued).toEqual([1, 1, 1, 3]);
    expect(processor.load).toBe(6);
    processor.run();
    expect(ran).toEqual(["critical", "high", "medium", "low1", "low2", "odd"]);
    expect(processor.load).toBe(0);
  });

  it("comes back by itself for jobs that nobody runs", () => {
    const { processor, turn } = setup();
    let ran = 0;
    processor.queue(job("a", JobPriority.MEDIUM, () => void ran++));
    expect(ran).toBe(0);
    turn();
    expect(ran).toBe(1);
  });

  it("lets a high job that arrives meanwhile overtake queued low ones", () => {
    const { processor } = setup();
    const ran: string[] = [];
    processor.queue(
      job("low", JobPriority.LOW, () => {
        ran.push("low");
        processor.queue(job("dpd", JobPriority.HIGH, () => void ran.push("dpd")));
        // A nested run must not run it inside this job.
        processor.run();
        ran.push("low ends");
      }),
    );
    processor.queue(job("low2", JobPriority.LOW, () => void ran.push("low2")));
    processor.run();
    expect(ran).toEqual(["low", "low ends", "dpd", "low2"]);
  });

  it("keeps the slot of a waiting job, and delays lower classes by the reservations", async () => {
    const { processor, sink, turn } = setup(4, [0, 0, 2, 0]);
    const first = waiting("first", JobPriority.LOW);
    const second = waiting("second", JobPriority.LOW);
    const third = waiting("third", JobPriority.LOW);
    for (const { job } of [first, second, third]) processor.queue(job);
    processor.run();
    // The ESP-less example 2 in small: low jobs run until only the reserved slots are idle.
    expect(processor.status()).toEqual({ total: 4, idle: 2, working: [0, 0, 0, 2], queued: [0, 0, 0, 1], scheduled: 0 });
    expect(sink.messages(LogGroup.JOB)).toContain(
      "delaying low priority jobs: 2 threads idle, but 2 reserved for higher priorities",
    );
    first.end();
    await microtasks();
    turn();
    expect(processor.status().working).toEqual([0, 0, 0, 2]);
    expect(processor.load).toBe(0);
    second.end();
    third.end();
    await microtasks();
    expect(processor.status().idle).toBe(4);
  });

  it("counts permanent activities as working and gives their slot back once", () => {
    const { processor } = setup(16);
    const releases = Array.from({ length: 5 }, () => processor.occupy(JobPriority.CRITICAL));
    expect(processor.status()).toMatchObject({ idle: 11, working: [5, 0, 0, 0] });
    releases[0]();
    releases[0]();
    expect(processor.status()).toMatchObject({ idle: 12, working: [4, 0, 0, 0] });
  });

  it("runs nothing while all slots are occupied, and goes on when one is free", () => {
    const { processor, turn } = setup(1);
    const release = processor.occupy(JobPriority.CRITICAL);
    let ran = false;
    processor.queue(job("a", JobPriority.HIGH, () => void (ran = true)));
    processor.run();
    expect(ran).toBe(false);
    release();
    turn();
    expect(ran).toBe(true);
  });

  it("spares slots for requests as long as jobs of all classes can still run", () => {
    const { processor } = setup(4);
    const releases = Array.from({ length: 9 }, () => processor.occupySpare(JobPriority.CRITICAL));
    expect(processor.status()).toMatchObject({ idle: 1, working: [3, 0, 0, 0] });
    for (const release of releases) release();
    expect(processor.status()).toMatchObject({ idle: 4, working: [0, 0, 0, 0] });
    const { processor: reserved } = setup(4, [0, 1, 1, 0]);
    for (let i = 0; i < 9; i++) reserved.occupySpare(JobPriority.CRITICAL);
    expect(reserved.status()).toMatchObject({ idle: 3, working: [1, 0, 0, 0] });
    let ran = false;
    reserved.queue(job("a", JobPriority.LOW, () => void (ran = true)));
    reserved.run();
    expect(ran).toBe(true);
  });

  it("yields to the event loop when its time is up and then goes on", () => {
    const { processor, clock, deferred } = setup();
    let ran = 0;
    for (let i = 0; i < 5; i++) {
      processor.queue(
        job("slow", JobPriority.MEDIUM, () => {
          ran++;
          clock.skip(1.5);
        }),
      );
    }
    deferred.length = 0;
    processor.run();
    expect(ran).toBe(2);
  });

  it("makes its turns short while a request on a control socket is served", () => {
    const { processor, clock, turn } = setup();
    let ran = 0;
    const execute = (): void => {
      ran++;
      clock.advance(1);
    };
    for (let i = 0; i < 9; i++) processor.queue(job("long", JobPriority.LOW, execute));
    processor.run();
    expect(ran).toBe(2);
    const giveBack = processor.occupySpare(JobPriority.CRITICAL);
    turn();
    expect(ran).toBe(3);
    giveBack();
    giveBack();
    turn();
    expect(ran).toBe(5);
  });

  it("comes back once after a turn that used up its time", () => {
    const { processor, clock, turn } = setup();
    let ran = 0;
    const slow = job("slow", JobPriority.MEDIUM, () => {
      ran++;
      clock.skip(3);
    });
    for (let i = 0; i < 3; i++) processor.queue(slow);
    turn();
    expect(ran).toBe(1);
    turn();
    expect(ran).toBe(2);
    turn();
    turn();
    expect(ran).toBe(3);
  });

  it("calls the hooks at the end of each turn in order, until undone, whatever one of them throws", () => {
    const { processor, sink } = setup();
    const called: string[] = [];
    const undo = processor.onTurnEnd(() => called.push("sockets"));
    processor.onTurnEnd(() => {
      called.push("log");
      throw new Error("disk");
    });
    processor.onTurnEnd(() => called.push("last"));
    processor.run();
    undo();
    processor.run();
    expect(called).toEqual(["sockets", "log", "last", "log", "last"]);
    expect(sink.messages(LogGroup.JOB, 1)).toContain("hook at the end of a turn failed: disk");
  });

  it("calls them as well behind a job that had to wait: what it did then is not to wait for the next turn", async () => {
    const { processor, turn } = setup();
    const called: string[] = [];
    processor.onTurnEnd(() => called.push("end"));
    let answer = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (answer = resolve));
    processor.queue(job("waits", JobPriority.LOW, () => waiting.then(() => void called.push("sent"))));
    processor.run();
    expect(called).toEqual(["end"]);
    answer();
    for (let i = 0; i < 10; i++) await Promise.resolve();
    turn();
    expect(called).toEqual(["end", "sent", "end"]);
  });

  it("requeues fairly, or after a delay", () => {
    const { processor, clock, turn } = setup();
    const ran: string[] = [];
    let left = 2;
    processor.queue(
      job("fair", JobPriority.LOW, () => {
        ran.push("fair");
        return --left > 0 ? "fair" : undefined;
      }),
    );
    processor.queue(job("other", JobPriority.LOW, () => void ran.push("other")));
    let again = true;
    processor.queue(
      job("later", JobPriority.LOW, () => {
        ran.push("later");
        const requeue = again ? { afterMs: 100 } : undefined;
        again = false;
        return requeue;
      }),
    );
    processor.run();
    expect(ran).toEqual(["fair", "other", "later", "fair"]);
    expect(processor.status().scheduled).toBe(1);
    clock.advance(99);
    expect(ran).toHaveLength(4);
    clock.advance(20);
    turn();
    expect(ran).toEqual(["fair", "other", "later", "fair", "later"]);
    expect(processor.status().scheduled).toBe(0);
  });

  it("runs a job again at once in its slot, in turns with the others", () => {
    const { processor } = setup(2);
    const ran: string[] = [];
    let left = 3;
    const again = job("again", JobPriority.LOW, () => {
      ran.push("again");
      return --left > 0 ? "direct" : undefined;
    });
    processor.queue(again);
    for (const name of ["a", "b"]) processor.queue(job(name, JobPriority.LOW, () => void ran.push(name)));
    processor.run();
    expect(ran).toEqual(["again", "again", "a", "again", "b"]);
    expect(processor.status().idle).toBe(2);
  });

  it("keeps the slot of a job that goes on when its turn is over, and lets the event loop poll", () => {
    const { clock, processor, turn, deferred } = setup(1);
    let count = 0;
    processor.queue(
      job("endless", JobPriority.LOW, () => {
        count++;
        clock.advance(1);
        return "direct";
      }),
    );
    let others = 0;
    processor.queue(job("other", JobPriority.CRITICAL, () => void others++));
    processor.run();
    expect([count, others]).toEqual([2, 1]);
    expect(processor.status()).toMatchObject({ idle: 0, working: [0, 0, 0, 1] });
    expect(deferred).toHaveLength(1);
    turn();
    expect(count).toBe(4);
  });

  it("runs an asynchronous job again at once, too, and drops it at shutdown", async () => {
    const { processor, turn } = setup(1);
    let count = 0;
    processor.queue(
      job("again", JobPriority.LOW, async () => {
        await Promise.resolve();
        return ++count < 3 ? "direct" : undefined;
      }),
    );
    processor.run();
    for (let i = 0; i < 5; i++) {
      await microtasks();
      turn();
    }
    expect(count).toBe(3);
    expect(processor.status().idle).toBe(1);
    processor.queue(job("endless", JobPriority.LOW, () => "direct"));
    await processor.drain(10);
    expect(processor.status()).toMatchObject({ idle: 1, queued: [0, 0, 0, 0] });
  });

  it("executes a job before the others of its class, or where no slot is idle in the caller's place", async () => {
    const { processor, sink } = setup(1);
    const ran: string[] = [];
    const note = (name: string): Job => job(name, JobPriority.MEDIUM, () => void ran.push(name));
    processor.queue(note("first"));
    processor.execute(note("urgent"));
    expect(ran).toEqual([]);
    processor.run();
    expect(ran).toEqual(["urgent", "first"]);
    const busy = waiting("busy", JobPriority.LOW);
    processor.queue(busy.job);
    processor.run();
    processor.execute(note("here"));
    expect(ran.at(-1)).toBe("here");
    processor.execute(
      job("broken", JobPriority.LOW, () => {
        throw new CygnetError("CYG_TEST", "no luck");
      }),
    );
    processor.execute(job("broken later", JobPriority.LOW, () => Promise.reject(new CygnetError("CYG_TEST", "no luck either"))));
    await microtasks();
    expect(sink.messages(LogGroup.JOB)).toEqual(["job 'broken' failed: no luck", "job 'broken later' failed: no luck either"]);
    busy.end();
    await microtasks();
    expect(processor.status().idle).toBe(1);
  });

  it("logs a throwing job with its name, thread and IKE_SA, counts it and goes on", async () => {
    const { processor, log, sink } = setup();
    let ran = false;
    processor.queue(
      job("process-message", JobPriority.MEDIUM, () => {
        log.setContext(3, "home");
        throw new CygnetError("CYG_TEST", "no such peer");
      }),
    );
    processor.queue(job("next", JobPriority.MEDIUM, () => void (ran = true)));
    processor.queue(job("rejects", JobPriority.LOW, () => Promise.reject(new CygnetError("CYG_TEST", "radius is away"))));
    processor.run();
    log.log(LogGroup.DMN, 1, "outside");
    expect(ran).toBe(true);
    await microtasks();
    expect(sink.lines).toEqual([
      "01[JOB1] <home|3> job 'process-message' failed: no such peer",
      "00[DMN1] outside",
      "01[JOB1] job 'rejects' failed: radius is away",
    ]);
    expect(processor.failures).toBe(2);
    expect(processor.status().idle).toBe(4);
  });

  it("logs the stack of errors that are mistakes of our own", () => {
    const { processor, sink } = setup();
    processor.queue(
      job("buggy", JobPriority.MEDIUM, () => {
        throw new TypeError("undefined is not a function");
      }),
    );
    processor.run();
    expect(sink.messages(LogGroup.JOB, 1).join("\n")).toMatch(/job 'buggy' failed[^]*\n *at /);
  });

  it("profiles count, failures, wait and run time per job type", () => {
    const { processor, clock } = setup();
    const measured = job("measured", JobPriority.MEDIUM, () => clock.skip(0.3));
    processor.queue(measured);
    clock.skip(5);
    processor.queue(measured);
    processor.run();
    const [profile] = processor.profile();
    expect(profile).toMatchObject({ name: "measured", count: 2, failed: 0 });
    expect(profile.run.totalUs).toBeCloseTo(600);
    expect(profile.run.maxUs).toBeCloseTo(300);
    expect(profile.run.histogram[bucketOf(300)]).toBe(2);
    // The first waited 5 ms, the second until the first was done.
    expect(profile.wait.totalUs).toBeCloseTo(5300);
    expect(percentileUs(profile.run, 0.99)).toBeCloseTo(300);
    expect(percentileUs(profile.wait, 0.5)).toBe(320);
    processor.resetProfile();
    expect(processor.profile()).toEqual([]);
  });

  it("profiles apart how long a job has the thread and how long it waits with its slot, even before it ends", async () => {
    const { processor, clock } = setup();
    const { job: waits, end } = waiting("waits", JobPriority.MEDIUM);
    processor.queue(waits);
    processor.run();
    clock.skip(40);
    expect(processor.profile()).toMatchObject([{ name: "waits", count: 0, held: { count: 0, pending: 1, pendingUs: 40_000 } }]);
    end();
    await microtasks();
    const [profile] = processor.profile();
    expect(profile).toMatchObject({ count: 1, run: { count: 1, totalUs: 0 }, held: { count: 1, totalUs: 40_000, pending: 0 } });
  });

  it("profiles how long jobs found no slot", async () => {
    const { processor, clock } = setup(1);
    const { job: waits, end } = waiting("waits", JobPriority.MEDIUM);
    processor.queue(waits);
    processor.run();
    expect(processor.starved()).toMatchObject({ count: 0, pending: 0 });
    processor.queue(job("late", JobPriority.CRITICAL));
    processor.run();
    clock.skip(7);
    processor.run();
    expect(processor.starved()).toMatchObject({ count: 0, pending: 1, pendingUs: 7000 });
    end();
    await microtasks();
    processor.run();
    expect(processor.starved()).toMatchObject({ count: 1, totalUs: 7000, pending: 0, pendingUs: 0 });
  });

  it("never tells more than a bounded number of job types apart", () => {
    const { processor } = setup();
    for (let i = 0; i < 1000; i++) processor.queue(job(`type ${i}`, JobPriority.LOW));
    processor.run();
    const profile = processor.profile();
    expect(profile).toHaveLength(256);
    expect(profile.find(({ name }) => name === "other")?.count).toBe(1000 - 255);
  });

  it("drops what is queued at shutdown, cancels what runs and names what does not end", async () => {
    const { processor, clock } = setup();
    const stubborn = waiting("stubborn", JobPriority.MEDIUM);
    const polite = waiting("polite", JobPriority.MEDIUM);
    processor.queue(stubborn.job);
    processor.queue({ ...polite.job, cancel: () => polite.end() });
    processor.run();
    let ran = false;
    processor.queue(job("queued", JobPriority.LOW, () => void (ran = true)));
    const drained = processor.drain(1000);
    await microtasks();
    processor.queue(job("late", JobPriority.LOW, () => void (ran = true)));
    processor.run();
    clock.advance(1000);
    expect(await drained).toEqual({ cancelled: 1, abandoned: ["stubborn"] });
    expect(ran).toBe(false);
    expect(clock.armedTimers).toBe(0);
  });

  it("drains at once when nothing runs, and as soon as the last job ended", async () => {
    const { processor, clock } = setup();
    expect(await processor.drain(1000)).toEqual({ cancelled: 0, abandoned: [] });
    const other = setup();
    const last = waiting("last", JobPriority.LOW);
    other.processor.queue(last.job);
    other.processor.run();
    const drained = other.processor.drain(1000);
    last.end();
    expect(await drained).toEqual({ cancelled: 0, abandoned: [] });
    expect(clock.armedTimers + other.clock.armedTimers).toBe(0);
  });

  it("gives jobs that run at the same time different thread numbers within the pool", async () => {
    const { processor, log } = setup(3);
    const threads: number[] = [];
    const held = waiting("held", JobPriority.LOW);
    for (let i = 0; i < 2; i++) {
      processor.queue(
        job("a", JobPriority.HIGH, () => {
          threads.push(log.thread);
          return held.job.execute();
        }),
      );
    }
    processor.queue(job("b", JobPriority.LOW, () => void threads.push(log.thread)));
    processor.queue(job("c", JobPriority.LOW, () => void threads.push(log.thread)));
    processor.run();
    expect(threads).toEqual([1, 2, 3, 3]);
    held.end();
    await microtasks();
  });
});
