import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import {
  ControlCommands,
  Fetchers,
  JobPriority,
  KernelManager,
  LogGroup,
  LogSinks,
  Processor,
  Scheduler,
  StreamServices,
  custom,
} from "@cygnet/plugin-api";
import type { Fetcher, KernelIpsec, LogSink, PluginContext, StreamServiceOptions } from "@cygnet/plugin-api";
import {
  ControlCommandTable,
  JobProcessor,
  LogManager,
  PluginGuard,
  ThreadMeter,
  WheelScheduler,
  provide,
} from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { expect, it } from "vitest";
import { plugin, setup } from "./host-setup.js";

/** Of the daemon that was loaded last, for what a plugin does later. */
let theClock: VirtualClock;

/** A plugin `acme` that has the services of a daemon, on a clock that code may skip. */
async function loaded(register: (context: PluginContext) => void) {
  const clock = (theClock = new VirtualClock());
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
  const commands = new ControlCommandTable(guard);
  provide(container, ControlCommands, commands);
  provide(container, LogSinks, { add: (added) => log.attach(added) });
  const fetchers: Fetcher[] = [];
  provide(container, Fetchers, {
    add: (_, __, fetcher) => (fetchers.push(fetcher), () => undefined),
    fetch: () => Promise.reject(new Error("not here")),
  });
  const kernels: KernelIpsec[] = [];
  const roams: (() => void)[] = [];
  provide(container, KernelManager, {
    addIpsec: (kernel: KernelIpsec) => (kernels.push(kernel), () => undefined),
    onRoam: (listener: () => void) => (roams.push(listener), () => undefined),
  } as unknown as KernelManager);
  await host.load();
  const times = () => meter.profile().plugins.map(({ plugin: name, what, run }) => [name, what, run.count, run.totalUs / 1000]);
  return {
    clock,
    host,
    served,
    times,
    processor,
    scheduler,
    commands,
    fetchers,
    kernels,
    roams,
    log,
    lines: () => sink.messages(LogGroup.LIB, 1).filter((line) => !line.startsWith("loaded plugins: ")),
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

const settled = () => new Promise((resolve) => setImmediate(resolve));

it("names a plugin whose command keeps the thread or does not answer, and whose client waits on", async () => {
  let answer: (value: Record<string, string>) => void = () => undefined;
  const { clock, commands, lines, times } = await loaded(({ resolve }) => {
    const own = resolve(ControlCommands);
    own.addCommand({ name: "acme-busy", description: "Is busy.", run: () => (theClock.skip(200), { done: true }) });
    own.addCommand({ name: "acme-slow", description: "Is slow.", run: () => new Promise((resolved) => (answer = resolved)) });
  });
  expect(await commands.find("acme-busy")!.run({})).toEqual({ done: true });
  const pending = commands.find("acme-slow")!.run({});
  clock.advance(10_000);
  answer({ at: "last" });
  expect(await pending).toEqual({ at: "last" });
  await settled();
  expect(lines()).toEqual([
    "plugin 'acme' kept the thread for 200 ms on command acme-busy",
    "plugin 'acme' has not answered on command acme-slow within 10 s",
    "plugin 'acme' answered on command acme-slow after 10000 ms",
  ]);
  expect(times().slice(1)).toEqual([["acme", "command", 2, 200]]);
});

it("names a plugin whose kernel keeps the thread or does not answer, and hands its answers and errors on", async () => {
  class Kernel {
    readonly carriesTraffic = true;
    #last = 6;
    getSpi(): number {
      theClock.skip(300);
      return ++this.#last;
    }
    addSa(): Promise<void> {
      return new Promise(() => undefined);
    }
    delSa(): void {
      throw new Error("no such SA");
    }
  }
  const { clock, kernels, lines, times } = await loaded(({ resolve }) => {
    resolve(KernelManager).addIpsec(new Kernel() as unknown as KernelIpsec);
  });
  const kernel = kernels[0]! as unknown as Kernel & { readonly flush?: unknown };
  expect([kernel.carriesTraffic, kernel.flush, kernel.getSpi(), kernel.getSpi()]).toEqual([true, undefined, 7, 8]);
  expect(() => kernel.delSa()).toThrow("no such SA");
  void kernel.addSa();
  clock.advance(10_000);
  expect(lines()).toEqual([
    "plugin 'acme' kept the thread for 300 ms on kernel getSpi",
    "plugin 'acme' kept the thread for 300 ms on kernel getSpi",
    "plugin 'acme' has not answered on kernel addSa within 10 s",
  ]);
  expect(times().slice(1)).toEqual([["acme", "kernel", 4, 600]]);
});

it("names a plugin that throws where addresses change", async () => {
  const { roams, lines } = await loaded(({ resolve }) => {
    resolve(KernelManager).onRoam(() => {
      throw new Error("lost");
    });
  });
  roams[0]!();
  expect(lines()).toEqual(["plugin 'acme' failed on roam: lost"]);
});

it("names a plugin whose fetcher keeps the thread", async () => {
  const { fetchers, lines } = await loaded(({ plugin: owner, resolve }) => {
    const fetch = (): Promise<Uint8Array> => (theClock.skip(120), Promise.resolve(Uint8Array.of(1)));
    resolve(Fetchers).add(owner, ["x://"], { fetch });
  });
  expect([...(await fetchers[0]!.fetch({ uri: "x://a", maxOctets: 1 }, new AbortController().signal))]).toEqual([1]);
  expect(lines()).toEqual(["plugin 'acme' kept the thread for 120 ms on fetch x://a"]);
});

it.each(["level", "write", "flush"] as const)("names a plugin whose log sink throws on %s, once, and logs on", async (what) => {
  const oops = (): never => {
    throw new Error("disk is full");
  };
  const sink: LogSink = { level: () => 1, write: () => undefined, flush: () => undefined, [what]: oops };
  const { log, lines } = await loaded(({ resolve }) => void resolve(LogSinks).add(sink));
  for (const message of ["one", "two"]) {
    log.log(LogGroup.LIB, 1, message);
    log.flush();
    await settled();
  }
  expect(lines().filter((line) => line.includes("failed"))).toEqual([
    `log sink of plugin 'acme' failed on ${what}: disk is full`,
  ]);
  expect(lines()).toEqual(expect.arrayContaining(["one", "two"]));
});

it("names a plugin whose log sink keeps the thread, also with the line that says so", async () => {
  const { log, lines } = await loaded(({ resolve }) => {
    resolve(LogSinks).add({ level: () => 1, write: () => theClock.skip(150) });
  });
  log.log(LogGroup.LIB, 1, "one");
  expect(lines().slice(-2)).toEqual(["one", "plugin 'acme' kept the thread for 150 ms on log"]);
});

it("leaves out status lines that are none, and names their plugin", async () => {
  const { commands, lines } = await loaded(({ resolve }) => {
    const own = resolve(ControlCommands);
    own.addStatus({ name: "acme", lines: () => undefined as unknown as string[] });
    own.addStatus({ name: "acme", lines: () => [7] as unknown as string[] });
    own.addStatus({ name: "acme", lines: () => ["all is well"] });
  });
  expect(await commands.statusLines()).toEqual(["acme: all is well"]);
  expect(lines()).toEqual(Array(2).fill("status of plugin 'acme' failed on lines: the answer is no list of lines"));
});
