import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogGroup } from "@cygnet/plugin-api";
import { LogManager, MemorySink, NetStreamServices, SystemClock } from "@cygnet/plugin-testkit/parts";
import { PacketType, ViciClient, encodeMessage, encodePacket } from "@cygnet/vici";
import type { ViciPacket } from "@cygnet/vici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FULL_BYTES, MAX_UNREAD_BYTES, MAX_UNREAD_LOG_BYTES } from "../src/index.js";
import { ViciServer } from "../src/server/vici-server.js";
import type { ClientView } from "../src/server/vici-server.js";
import { RawClient } from "./support/raw-client.js";

type Handle = (packet: ViciPacket, client: ClientView) => Promise<Uint8Array> | undefined;

let directory: string;
let server: ViciServer;
let sink: MemorySink;
let close: () => Promise<void>;
let handle: Handle;
let wanted: (event: string, isWanted: boolean) => Promise<void>;
const clients: RawClient[] = [];
/** Requests that hold a job slot. */
let occupied = 0;

const answer = (text: string): Promise<Uint8Array> => Promise.resolve(encodeMessage({ answer: text }));
const event = (text: string): Uint8Array => encodeMessage({ text });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "cygnet-vici-"));
  const log = new LogManager(new SystemClock());
  sink = new MemorySink(2);
  log.addSink(sink);
  handle = ({ name }) => (name === "nothing" ? undefined : answer(name));
  wanted = () => Promise.resolve();
  occupied = 0;
  const occupy = (): (() => void) => {
    occupied++;
    return () => void occupied--;
  };
  const streams = new NetStreamServices({ log, pidDir: directory, occupy });
  server = new ViciServer({
    log,
    streams,
    uri: `unix://${join(directory, "charon.vici")}`,
    handler: { handle: (packet, client) => handle(packet, client) },
    wanted: (name, isWanted) => wanted(name, isWanted),
  });
  close = await server.listen();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await close();
  rmSync(directory, { recursive: true, force: true });
});

async function client(): Promise<RawClient> {
  const made = await RawClient.connect(join(directory, "charon.vici"));
  clients.push(made);
  return made;
}

const messages = (): string[] => sink.messages(LogGroup.CFG);

describe("requests", () => {
  it("are answered whatever pieces they come in", async () => {
    const socket = await client();
    const packet = encodePacket(PacketType.CMD_REQUEST, "version");
    for (const octet of packet) await socket.write(Uint8Array.of(octet));
    await socket.write(Buffer.concat([packet, packet.subarray(0, 6)]));
    await socket.write(packet.subarray(6));
    expect(await socket.take(3)).toEqual(Array(3).fill('CMD_RESPONSE {"answer":"version"}'));
    expect(messages()).toContain("vici client 1 requests: version");
  });

  it("of one client are answered in order, those of others meanwhile, and each takes a job slot", async () => {
    const waiting: (() => void)[] = [];
    handle = async ({ name }) => {
      if (name === "slow") await new Promise<void>((resolve) => waiting.push(resolve));
      return answer(name);
    };
    const [one, other] = [await client(), await client()];
    await one.request("slow");
    await one.request("quick");
    await other.request("quick");
    expect(await other.take(1)).toEqual(['CMD_RESPONSE {"answer":"quick"}']);
    expect(one.packets).toEqual([]);
    expect(occupied).toBe(1);
    waiting[0]!();
    expect(await one.take(2)).toEqual(['CMD_RESPONSE {"answer":"slow"}', 'CMD_RESPONSE {"answer":"quick"}']);
    expect(occupied).toBe(0);
  });

  it("for what is not there are told so, and logged", async () => {
    const socket = await client();
    await socket.request("nothing");
    await socket.register("nothing");
    await socket.unregister("log");
    expect(await socket.take(3)).toEqual(["CMD_UNKNOWN", "EVENT_UNKNOWN", "EVENT_UNKNOWN"]);
    expect(messages()).toEqual(
      expect.arrayContaining(["vici client 1 invalid request: nothing", "vici client 1 invalid registration: nothing"]),
    );
  });

  it("that are none get no answer, and the next one does", async () => {
    const socket = await client();
    // Empty, of no known type, an answer, and a name that is cut off.
    for (const octets of [[], [99], [1], [0, 9, 65], [3]]) await socket.write(Buffer.from([0, 0, 0, octets.length, ...octets]));
    await socket.request("version");
    expect(await socket.take(1)).toEqual(['CMD_RESPONSE {"answer":"version"}']);
    expect(messages().filter((line) => /invalid|unsupported/.test(line))).toEqual([
      "invalid vici message",
      "unsupported vici operation: 99",
      "unsupported vici operation: 1",
      "invalid vici message",
      "invalid vici message",
    ]);
  });

  it("above the limit end the connection, as does an end within one", async () => {
    const socket = await client();
    await socket.write(Buffer.from([0, 8, 0, 1]));
    await socket.closed;
    expect(messages()).toContain("vici message length 524289 exceeds 524288 bytes limit, ignored");
    const early = await client();
    early.socket.end(Buffer.from([0, 0, 0, 9, 0]));
    await early.closed;
    expect(messages()).toContain("premature vici disconnect");
  });

  it("whose answer is above the limit get one that says so", async () => {
    handle = () => Promise.resolve(new Uint8Array(524_288));
    const socket = await client();
    await socket.request("long");
    expect(await socket.take(1)).toEqual([
      'CMD_RESPONSE {"success":"no","errmsg":"vici message size 524289 exceeds maximum size of 524288, discarded"}',
    ]);
  });

  it("that come faster than they are answered wait in the socket", async () => {
    let asked = 0;
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    handle = async () => {
      asked++;
      await gate;
      return answer("late");
    };
    const socket = await client();
    const many = Array(5000).fill(encodePacket(PacketType.CMD_REQUEST, "version", new Uint8Array(1000)));
    const written = socket.write(Buffer.concat(many));
    for (let turns = 0; turns < 1000; turns++) await new Promise((resolve) => setImmediate(resolve));
    // All but what the kernel and the server keep is with the client.
    expect(socket.socket.writableLength).toBeGreaterThan(0);
    expect(asked).toBe(1);
    goOn();
    expect(new Set(await socket.take(5000))).toEqual(new Set(['CMD_RESPONSE {"answer":"late"}']));
    expect(asked).toBe(5000);
    await written;
  });

  it("that fail by a fault of ours end the connection of that client alone", async () => {
    handle = ({ name }) => (name === "broken" ? Promise.reject(new Error("a fault")) : answer(name));
    const [one, other] = [await client(), await client()];
    await one.request("broken");
    await one.closed;
    await other.request("version");
    expect(await other.take(1)).toEqual(['CMD_RESPONSE {"answer":"version"}']);
    expect(messages()).toContainEqual(expect.stringMatching(/^serving vici client 1 failed: Error: a fault/));
  });
});

describe("a TCP socket", () => {
  it("is served as a unix socket is", async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const log = new LogManager(new SystemClock());
    const tcp = new ViciServer({
      log,
      streams: new NetStreamServices({ log, pidDir: directory }),
      uri: `tcp://127.0.0.1:${port}`,
      handler: { handle: (packet, view) => handle(packet, view) },
      wanted: () => Promise.resolve(),
    });
    const stop = await tcp.listen();
    const socket = await ViciClient.connect(`tcp://127.0.0.1:${port}`);
    expect((await socket.request("version")).text("answer")).toBe("version");
    const events = await socket.events("ike-updown");
    tcp.broadcast("ike-updown", event("up"));
    expect((await events.next()).value?.message.text("text")).toBe("up");
    await stop();
    await expect(events.next()).rejects.toThrow("the daemon closed the connection");
    socket.close();
  });
});

describe("events", () => {
  it("go to those that registered, from the confirmation on, until they do not want them any more", async () => {
    const told: string[] = [];
    let confirm = (): void => undefined;
    wanted = async (name, isWanted) => {
      told.push(`${name} ${isWanted}`);
      if (isWanted) await new Promise<void>((resolve) => (confirm = resolve));
    };
    const [one, other] = [await client(), await client()];
    await one.register("ike-updown");
    await other.register("ike-updown");
    await one.request("version");
    await other.request("version");
    // Neither is confirmed before the shards know.
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect([one.packets, other.packets]).toEqual([[], []]);
    confirm();
    expect(await one.take(2)).toEqual(["EVENT_CONFIRM", 'CMD_RESPONSE {"answer":"version"}']);
    expect(await other.take(2)).toEqual(["EVENT_CONFIRM", 'CMD_RESPONSE {"answer":"version"}']);
    server.broadcast("ike-updown", event("first"));
    await one.unregister("ike-updown");
    expect(await one.take(2)).toEqual(['EVENT ike-updown {"text":"first"}', "EVENT_CONFIRM"]);
    server.broadcast("ike-updown", event("second"));
    expect(await other.take(2)).toEqual(['EVENT ike-updown {"text":"first"}', 'EVENT ike-updown {"text":"second"}']);
    expect(one.packets).toEqual([]);
    other.socket.destroy();
    while (told.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(["ike-updown true", "ike-updown false"]);
  });

  it("above the limit are left out, with a line in the log", async () => {
    const socket = await client();
    await socket.register("alert");
    await socket.take(1);
    server.broadcast("alert", new Uint8Array(524_288));
    server.broadcast("alert", event("short"));
    expect(await socket.take(1)).toEqual(['EVENT alert {"text":"short"}']);
    expect(messages()).toContain("vici message size 524295 exceeds maximum size of 524288, discarded");
  });

  it("are not lost on a client that reads late, and end the connection of one that never does", async () => {
    const [late, never] = [await client(), await client()];
    for (const each of [late, never]) {
      await each.register("ike-updown");
      await each.take(1);
    }
    late.socket.pause();
    never.socket.pause();
    const text = "x".repeat(60_000);
    const count = Math.floor(MAX_UNREAD_BYTES / 60_100);
    for (let i = 0; i < count; i++) server.broadcast("ike-updown", event(`${text}${i}`));
    expect(messages().filter((line) => line.includes("unread"))).toEqual([]);
    late.socket.resume();
    const taken = await late.take(count);
    expect(taken.map((line) => Number(/x(\d+)"/.exec(line)![1]))).toEqual(Array.from({ length: count }, (_, i) => i));
    // What the kernel holds for it comes on top.
    for (let i = 0; i < 100; i++) server.broadcast("ike-updown", event(text));
    expect(messages()).toContain(`vici client 2 leaves ${MAX_UNREAD_BYTES} bytes of events unread, closing its connection`);
    expect((await late.take(100)).length).toBe(100);
    never.socket.resume();
    await never.closed;
  });

  it("that are log lines are left out for a client that does not read, which is told how many", async () => {
    const socket = await client();
    await socket.register("log");
    await socket.take(1);
    socket.socket.pause();
    const line = "x".repeat(10_000);
    const count = (3 * MAX_UNREAD_LOG_BYTES) / 10_000;
    for (let i = 0; i < count; i++) server.broadcastLine("log", event(line));
    await socket.request("version");
    socket.socket.resume();
    let lines = 0;
    for (let [next] = await socket.take(1); next?.startsWith("EVENT"); [next] = await socket.take(1)) lines++;
    server.broadcastLine("log", event("at last"));
    const [missing, last] = await socket.take(2);
    const leftOut = Number(/\((\d+) log lines left out/.exec(missing!)![1]);
    expect(leftOut).toBeGreaterThan(0);
    expect(lines + leftOut).toBe(Math.ceil(count));
    expect(last).toBe('EVENT log {"text":"at last"}');
  });

  it("that a command streams wait for the client to read, and others are answered meanwhile", async () => {
    let made = 0;
    handle = async ({ name }, view) => {
      if (name !== "list") return answer(name);
      for (; made < 1000; made++) await view.stream("list-sa", event("x".repeat(10_000)));
      return answer(name);
    };
    const [slow, other] = [await client(), await client()];
    await slow.register("list-sa");
    await slow.take(1);
    slow.socket.pause();
    await slow.request("list");
    for (let i = 0; i < 50; i++) {
      await other.request("version");
      await other.take(1);
    }
    // No more than what the kernel and one buffer hold.
    expect(made).toBeLessThan(200);
    expect(made * 10_000).toBeGreaterThan(FULL_BYTES);
    slow.socket.resume();
    expect((await slow.take(1001)).at(-1)).toBe('CMD_RESPONSE {"answer":"list"}');
    expect(other.packets).toEqual([]);
  });

  it("are not streamed to a client that did not register", async () => {
    handle = async (_packet, view) => {
      await view.stream("list-sa", event("nobody"));
      return answer("done");
    };
    const socket = await client();
    await socket.request("list");
    expect(await socket.take(1)).toEqual(['CMD_RESPONSE {"answer":"done"}']);
  });
});
