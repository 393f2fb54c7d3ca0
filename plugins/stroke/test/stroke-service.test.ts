import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { LogGroup, peerDefinition, childDefinition } from "@cygnet/plugin-api";
import type { OperationResult } from "@cygnet/plugin-api";
import { StrokeMessageType, encodeStrokeMessage } from "../src/abi/index.js";
import { REQUEST_LIMIT_MS, SILENT_AFTER_MS, STALL_LIMIT_MS } from "../src/index.js";
import { Daemon, readAll } from "./support/daemon.js";
import { ManualTimers } from "./support/manual-timers.js";
import { ikeSaStatus } from "./support/sa-status.js";

let daemon: Daemon;
const clients: Socket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await daemon.stop();
});

const status = encodeStrokeMessage({ type: StrokeMessageType.STATUS });
const up = encodeStrokeMessage({ type: StrokeMessageType.INITIATE, fields: { name: "net" } });
const NOTHING = "Security Associations (0 up, 0 connecting):\n  none\n";

/** A connection that reads nothing until it is told to. */
async function client(bytes?: Uint8Array): Promise<Socket> {
  const socket = await daemon.connect();
  clients.push(socket);
  if (bytes) await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  return socket;
}

async function start(settings = "", timers?: ManualTimers, room?: number): Promise<void> {
  daemon = await Daemon.start({ settings, startTimer: timers?.start, room });
  await daemon.connections.add("test", peerDefinition("net", { children: [childDefinition("net", {})] }));
}

/** More IKE_SAs than the buffers of a socket hold. */
const manySas = () => Array.from({ length: 50_000 }, (_, i) => ikeSaStatus({ uniqueId: i + 1 }));

describe("StrokeService", () => {
  it("serves a request that comes in pieces, whatever follows it", async () => {
    await start();
    const socket = await client();
    const reply = readAll(socket);
    for (const part of [status.subarray(0, 1), status.subarray(1, 300), status.subarray(300)]) {
      await new Promise<void>((resolve) => socket.write(part, () => resolve()));
    }
    expect(await reply).toBe(NOTHING);
    const chatty = await client(Buffer.concat([status, Buffer.from("more than asked for")]));
    expect(await readAll(chatty)).toBe(NOTHING);
  });

  it("logs what is no request and closes the connection", async () => {
    await start();
    const short = Buffer.alloc(658);
    short.writeUInt16LE(12, 0);
    const unknown = Buffer.from(status);
    unknown.writeUInt32LE(999, 4);
    for (const bytes of [short, unknown]) expect(await readAll(await client(bytes))).toBe("");
    expect(daemon.messages.slice(-2)).toEqual(["invalid stroke message length 12", "unknown stroke message type 999"]);
  });

  it("logs a command that throws, and closes the connection after what it said", async () => {
    await start();
    daemon.controller.count = () => Promise.reject(new Error("a shard is gone"));
    expect(await readAll(await client(status))).toBe("");
    expect(daemon.messages.at(-1)).toBe("stroke request STATUS failed: a shard is gone");
    daemon.controller.count = () => Promise.resolve({ up: 0, connecting: 0 });
    expect(await readAll(await client(status))).toBe(NOTHING);
  });

  it("is not delayed by clients that send nothing, or half a request", async () => {
    const timers = new ManualTimers();
    await start("max_concurrent = 1", timers);
    const silent = [await client(), await client(status.subarray(0, 400)), await client(), await client(status.subarray(0, 1))];
    await timers.armed(REQUEST_LIMIT_MS, 4);
    expect(await readAll(await client(status))).toBe(NOTHING);
    const closed = Promise.all(silent.map((socket) => readAll(socket)));
    timers.fire(REQUEST_LIMIT_MS);
    expect(await closed).toEqual(["", "", "", ""]);
    expect(timers.count(REQUEST_LIMIT_MS)).toBe(0);
  });

  it("stops producing for a client that never reads, serves others meanwhile, and drops it in the end", async () => {
    const timers = new ManualTimers();
    await start("max_concurrent = 1", timers);
    daemon.controller.sas = manySas();
    const lazy = await client(status);
    await timers.armed(STALL_LIMIT_MS);
    const { listed } = daemon.controller;
    expect(listed).toBeGreaterThan(0);
    expect(listed).toBeLessThan(20_000);
    daemon.controller.sas = [];
    expect(await readAll(await client(status))).toBe(NOTHING);
    expect(daemon.controller.listed).toBe(listed);
    const told = (): string[] => daemon.messages.filter((line) => line.includes("unread"));
    expect(told()).toEqual([]);
    timers.fire(STALL_LIMIT_MS);
    await once(lazy.resume(), "close");
    expect(await readAll(await client(status))).toBe(NOTHING);
    expect(told()).toEqual(["stroke client left the answer to STATUS unread for 30 s, closing its connection"]);
  });

  it("goes on where it was once a slow client reads on", async () => {
    const timers = new ManualTimers();
    await start("", timers);
    daemon.controller.sas = manySas();
    const slow = await client(status);
    await timers.armed(STALL_LIMIT_MS);
    const reply = await readAll(slow);
    expect(reply.split("\n").length).toBe(50_000 + 2);
    expect(timers.count(STALL_LIMIT_MS)).toBe(0);
  });

  it("stops listing when the client goes away", async () => {
    const timers = new ManualTimers();
    await start("", timers);
    daemon.controller.sas = manySas();
    const gone = await client(status);
    await timers.armed(STALL_LIMIT_MS);
    gone.destroy();
    expect(await readAll(await client(encodeStrokeMessage({ type: StrokeMessageType.MEMUSAGE })))).toBe("");
    expect(daemon.controller.listed).toBeLessThan(20_000);
  });

  it("lets an operation go on without its client", async () => {
    await start();
    let finish: (result: OperationResult) => void = () => undefined;
    let log: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      daemon.controller.operation = (observer) => {
        log = () => observer?.log(LogGroup.IKE, 1, "still at work");
        resolve();
        return new Promise((done) => (finish = done));
      };
    });
    const caller = await client(up);
    await begun;
    caller.destroy();
    expect(await readAll(await client(status))).toBe(NOTHING);
    log();
    finish("done");
    expect(await readAll(await client(status))).toBe(NOTHING);
    expect(daemon.messages.filter((line) => line.includes("failed:") && line.startsWith("stroke"))).toEqual([]);
  });

  it("answers status while as many operations wait for peers as may run", async () => {
    await start("max_concurrent = 2");
    const finishers: ((result: OperationResult) => void)[] = [];
    let arrived: () => void = () => undefined;
    const two = new Promise<void>((resolve) => (arrived = resolve));
    daemon.controller.operation = () =>
      new Promise((resolve) => {
        if (finishers.push(resolve) === 2) arrived();
      });
    const replies = [await client(up), await client(up), await client(up)].map((socket) => readAll(socket));
    await two;
    expect(await readAll(await client(status))).toBe(NOTHING);
    // The third waits for one of the two to end.
    expect(daemon.controller.calls.filter((call) => call.startsWith("initiate")).length).toBe(2);
    finishers.forEach((finish) => finish("done"));
    daemon.controller.operation = () => Promise.resolve("done");
    expect(await Promise.all(replies)).toEqual(Array(3).fill("connection 'net' established successfully\n"));
  });

  it("answers status where clients that send nothing have taken all room: the oldest of them go, once they had time enough", async () => {
    const timers = new ManualTimers();
    await start("max_concurrent = 1", timers, 8);
    const displaced = readAll(await client());
    const others: Socket[] = [];
    for (let i = 0; i < 7; i++) others.push(await client());
    await timers.armed(SILENT_AFTER_MS, 8);
    expect(await readAll(await client())).toBe("");
    timers.fire(SILENT_AFTER_MS);
    expect(await readAll(await client(status))).toBe(NOTHING);
    expect(await displaced).toBe("");
    expect(timers.count(REQUEST_LIMIT_MS)).toBe(7);
    // Those that are still there are served.
    const last = others.at(-1)!;
    last.write(status);
    expect(await readAll(last)).toBe(NOTHING);
  });

  it("answers status beside any number of operations that wait for their turn", async () => {
    await start("max_concurrent = 2");
    daemon.controller.initiate = () => new Promise<OperationResult>(() => undefined);
    for (let i = 0; i < 150; i++) await client(up);
    expect(await readAll(await client(status))).toBe(NOTHING);
  });

  it("leaves out log lines that a client does not read in time, and counts them", async () => {
    await start();
    const line = "x".repeat(1_000);
    daemon.controller.operation = (observer) => {
      for (let i = 0; i < 2_000; i++) observer?.log(LogGroup.IKE, 1, line);
      return Promise.resolve("done");
    };
    const reply = (await readAll(await client(up))).split("\n");
    const kept = reply.filter((each) => each === line).length;
    expect(kept).toBeGreaterThan(50);
    expect(reply.slice(-3)).toEqual([
      `(${2_000 - kept} log lines left out, they were not read in time)`,
      "connection 'net' established successfully",
      "",
    ]);
  });

  it("prompts for a password in one piece and takes the answer", async () => {
    await start();
    const fields = { name: "xa", "me.auth": "xauth", "me.tohost": 1, "other.tohost": 1 };
    await readAll(await client(encodeStrokeMessage({ type: StrokeMessageType.ADD_CONN, fields })));
    const creds = { type: StrokeMessageType.USER_CREDS, fields: { name: "xa", username: "alice" } };
    const socket = await client(encodeStrokeMessage(creds));
    const [prompt] = (await once(socket, "data")) as [Buffer];
    expect(prompt.toString()).toBe("Password:\n");
    socket.write("secret\n");
    expect(await readAll(socket)).toBe("");
    expect(daemon.credentials.sets.get("stroke-user-creds:alice")?.[0].secret).toBe("secret");
  });

  it("gives up a prompt when the client goes away", async () => {
    await start("max_concurrent = 1");
    const fields = { name: "xa", "me.auth": "xauth", "me.tohost": 1, "other.tohost": 1 };
    await readAll(await client(encodeStrokeMessage({ type: StrokeMessageType.ADD_CONN, fields })));
    const creds = encodeStrokeMessage({ type: StrokeMessageType.USER_CREDS, fields: { name: "xa", username: "alice" } });
    const socket = await client(creds);
    await once(socket, "data");
    socket.destroy();
    const again = await client(creds);
    expect(((await once(again, "data")) as [Buffer])[0].toString()).toBe("Password:\n");
    expect([...daemon.credentials.sets.keys()]).toEqual([]);
  });

  it("leaves nothing behind when it is unloaded", async () => {
    daemon = await Daemon.start({ secrets: ": PSK one\n", settings: "ignore_missing_ca_basic_constraint = yes" });
    expect(daemon.messages[0]).toBe("ignore_missing_ca_basic_constraint has no effect in this release");
    const fields = { name: "net", "me.tohost": 1, "other.tohost": 1, "other.sourceip": "10.3.0.0/24", "other.dns": "10.0.0.53" };
    await readAll(await client(encodeStrokeMessage({ type: StrokeMessageType.ADD_CONN, fields })));
    const idle = await client();
    await daemon.unload();
    await once(idle.resume(), "close");
    expect(daemon.connections.kept).toEqual([]);
    expect([...daemon.attributes.defined.keys()]).toEqual([]);
    expect([...daemon.attributes.sets]).toEqual([]);
    expect([...daemon.credentials.sets.keys()]).toEqual([]);
    expect(existsSync(daemon.socketPath)).toBe(false);
  });
});
