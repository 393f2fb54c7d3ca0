import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { JobPriority, LogGroup, Processor, Scheduler, StreamServices, custom } from "@cygnet/plugin-api";
import type { PluginContext, StreamServiceOptions } from "@cygnet/plugin-api";
import { JobProcessor, LogManager, PluginGuard, ThreadMeter, WheelScheduler, provide } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { expect, it } from "vitest";
import { plugin, setup } from "./host-setup.js";

/** A plugin `acme` that has the services of a daemon, on a clock that code may skip. */
async function loaded(register: (context: PluginContext) => void) {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink();
  log.addSink(sink);
  const meter = new ThreadMeter();
  const guard = new PluginGuard({ log, timers: clock, times: meter.plugins, now: () => clock.tick() });
  const processor = new JobProcessor({ log, clock, timers: clock, slots: 4, defer: (run) => clock.timer(run).arm(0) });
  const scheduler = new WheelScheduler({ clock, timers: clock, processor });
  const served: StreamServiceOptions[] = [];
  const streams: StreamServices = {
    pidDir: "/run",
    occupy: () => () => undefined,
    listen: (options) => (served.push(options), Promise.resolve(() => Promise.resolve())),
  };
  const acme = plugin("acme", {
    provides: custom("acme"),
    on: "both",
    register: (context) => (register(context), () => clock.skip(1500)),
  });
  const { host, container } = setup([acme], "acme", { guard, log, timers: clock });
  provide(container, Processor, processor);
  provide(container, Scheduler, scheduler);
  provide(container, StreamServices, streams);
  await host.load();
  const times = () => meter.profile().plugins.map(({ plugin: name, what, run }) => [name, what, run.count, run.totalUs / 1000]);
  return {
    clock,
    host,
    served,
    times,
    processor,
    scheduler,
    said: () => sink.messages(LogGroup.LIB, 1).filter((line) => line.includes("kept")),
  };
}

it("tells what jobs and timers of a plugin take, and names it when one keeps the thread", async () => {
  let context: PluginContext | undefined;
  const { clock, times, said, processor, scheduler } = await loaded((given) => (context = given));
  const order: string[] = [];
  const job = (name: string, ms: number) => ({
    name,
    priority: JobPriority.HIGH,
    execute: () => (order.push(name), clock.skip(ms)),
  });
  const [own, timers] = [context!.resolve(Processor), context!.resolve(Scheduler)];
  expect(context!.resolve(Processor)).toBe(own);
  own.queue(job("sync", 30));
  own.execute(job("urgent", 20));
  expect(own.load).toBe(2);
  expect(own.queued(JobPriority.HIGH)).toBe(2);
  const id = timers.schedule(job("later", 250), 1000);
  timers.schedule(job("later", 10), 2000);
  expect(timers.cancel(timers.schedule(job("never", 1), 500))).toBe(true);
  expect(timers.pending).toBe(2);
  clock.advance(3000);
  expect(timers.cancel(id)).toBe(false);
  expect(order).toEqual(["urgent", "sync", "later", "later"]);
  expect(times()).toEqual([
    ["acme", "register", 1, 0],
    ["acme", "job urgent", 1, 20],
    ["acme", "job sync", 1, 30],
    ["acme", "job later", 2, 260],
  ]);
  expect(said()).toEqual(["plugin 'acme' kept the thread for 250 ms on job later"]);
  expect(processor.profile().map(({ name }) => name)).toEqual(["urgent", "sync", "later"]);
  expect(scheduler.pending).toBe(0);
});

it("leaves it to the processor what becomes of a job that throws, and asks jobs to end", async () => {
  let context: PluginContext | undefined;
  const { clock, processor } = await loaded((given) => (context = given));
  let end: () => void = () => undefined;
  const pending = new Promise<void>((resolve) => (end = resolve));
  const own = context!.resolve(Processor);
  own.queue({ name: "bad", priority: JobPriority.LOW, execute: () => { throw new Error("oops"); } }); // prettier-ignore
  own.queue({ name: "slow", priority: JobPriority.LOW, execute: () => pending, cancel: () => end() });
  clock.advance(10);
  expect(processor.failures).toBe(1);
  expect(await processor.drain(1000)).toEqual({ cancelled: 0, abandoned: [] });
});

it("tells what a plugin does with connections of its control socket", async () => {
  const { clock, served, times, said } = await loaded(({ resolve }) => {
    const onConnection = (connection: Socket): void => {
      clock.skip(5);
      connection.on("data", (data: Buffer) => clock.skip(data.length));
    };
    void resolve(StreamServices).listen({ uri: "unix:///run/acme.ctl", maxConcurrent: 1, onConnection });
  });
  const connection = new EventEmitter() as Socket;
  void served[0]!.onConnection(connection);
  expect(connection.emit("data", Buffer.alloc(10))).toBe(true);
  connection.emit("data", Buffer.alloc(150));
  expect(connection.emit("end")).toBe(false);
  expect(times().slice(1)).toEqual([["acme", "control socket", 4, 165]]);
  expect(said()).toEqual(["plugin 'acme' kept the thread for 150 ms on control socket"]);
});

it("names the feature whose registration or undo takes a second of the thread", async () => {
  const { host, times, said } = await loaded(() => undefined);
  expect(said()).toEqual([]);
  await host.unload();
  expect(said()).toEqual(["plugin 'acme' kept the thread for 1500 ms on unregister CUSTOM:acme"]);
  expect(times()).toEqual([
    ["acme", "register", 1, 0],
    ["acme", "unregister", 1, 1500],
  ]);
});
