import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  PacketSplitter,
  PacketType,
  ViciClient,
  ViciCommandError,
  encodeMessage,
  encodePacket,
  parsePacket,
  parseUri,
} from "../src/index.js";
import type { MessageData, ViciPacket } from "../src/index.js";

const response = (data: MessageData = {}): Buffer => encodePacket(PacketType.CMD_RESPONSE, "", encodeMessage(data));
const event = (name: string, data: MessageData = {}): Buffer => encodePacket(PacketType.EVENT, name, encodeMessage(data));

/** A daemon that answers registrations, and leaves requests to the test. */
async function daemon(answer: (packet: ViciPacket, socket: Socket) => void) {
  const folder = mkdtempSync(join(tmpdir(), "vici-"));
  const received: ViciPacket[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const splitter = new PacketSplitter();
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      for (const octets of splitter.push(chunk)) {
        const packet = parsePacket(octets);
        received.push(packet);
        if (packet.type === PacketType.CMD_REQUEST) answer(packet, socket);
        else socket.write(encodePacket(packet.name === "none" ? PacketType.EVENT_UNKNOWN : PacketType.EVENT_CONFIRM));
      }
    });
  });
  const path = join(folder, "vici");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = await ViciClient.connect(`unix://${path}`);
  onTestFinished(() => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const log = (): string[] => received.map(({ type, name }) => `${PacketType[type]} ${name}`);
  return { client, sockets, log };
}

describe("ViciClient", () => {
  it("has requests answered one after the other", async () => {
    const { client, log } = await daemon(({ name }, socket) => setTimeout(() => socket.write(response({ for: name })), 5));
    const answers = await Promise.all(["a", "b", "c"].map((command) => client.request(command)));
    expect(answers.map((each) => each.text("for"))).toEqual(["a", "b", "c"]);
    expect(log()).toEqual(["CMD_REQUEST a", "CMD_REQUEST b", "CMD_REQUEST c"]);
  });

  it("throws what a command failed for, and for what the daemon does not know", async () => {
    const { client } = await daemon(({ name }, socket) =>
      socket.write(
        name === "initiate" ? response({ success: false, errmsg: "no such thing" }) : encodePacket(PacketType.CMD_UNKNOWN),
      ),
    );
    const failed = await client.request("initiate").catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ViciCommandError);
    expect(failed).toMatchObject({ code: "CYG_VICI_COMMAND", message: "no such thing", command: "initiate" });
    await expect(client.request("nonsense")).rejects.toMatchObject({ code: "CYG_VICI_UNKNOWN_COMMAND" });
    await expect(client.events("log", "none")).rejects.toMatchObject({ code: "CYG_VICI_UNKNOWN_EVENT" });
  });

  it("streams the events of a command, and registers for that long", async () => {
    const { client, log } = await daemon((_, socket) => {
      for (const name of ["one", "two"]) socket.write(event("list-sa", { [name]: {} }));
      socket.write(response());
    });
    const seen: string[] = [];
    for await (const sa of client.stream("list-sas", "list-sa")) seen.push(...sa.names);
    expect(seen).toEqual(["one", "two"]);
    expect(log()).toEqual(["EVENT_REGISTER list-sa", "CMD_REQUEST list-sas", "EVENT_UNREGISTER list-sa"]);
  });

  it("gives out all that was sent before a command failed", async () => {
    const { client } = await daemon((_, socket) => {
      socket.write(event("control-log", { msg: "trying" }));
      socket.write(response({ success: "no", errmsg: "failed" }));
    });
    const lines: (string | undefined)[] = [];
    const stream = async (): Promise<void> => {
      for await (const line of client.stream("initiate", "control-log")) lines.push(line.text("msg"));
    };
    await expect(stream()).rejects.toThrow("failed");
    expect(lines).toEqual(["trying"]);
  });

  it("works on when a stream is left early", async () => {
    const { client } = await daemon(({ name }, socket) => {
      if (name === "list-sas") for (let i = 0; i < 5000; i++) socket.write(event("list-sa", { [`sa${i}`]: {} }));
      socket.write(response({ for: name }));
    });
    for await (const sa of client.stream("list-sas", "list-sa")) {
      expect(sa.names).toEqual(["sa0"]);
      break;
    }
    expect((await client.request("version")).text("for")).toBe("version");
  });

  it("loses no event, and reads no further than they are taken", async () => {
    const { client, sockets } = await daemon((_, socket) => socket.write(response()));
    const events = await client.events("ike-updown");
    const total = 20_000;
    const filler = "x".repeat(1000);
    for (let i = 0; i < total; i++) sockets[0]!.write(event("ike-updown", { number: i, filler }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sockets[0]!.writableLength).toBeGreaterThan(0);
    // Who waits for an answer gets it none the less.
    await client.request("version");
    let next = 0;
    for await (const { message } of events) {
      expect(message.number("number")).toBe(next++);
      if (next === total) break;
    }
    expect(next).toBe(total);
  });

  it("serves two that want the same event", async () => {
    const { client, sockets, log } = await daemon(() => undefined);
    const [one, two] = [await client.events("log"), await client.events("log")];
    sockets[0]!.write(event("log", { msg: "hello" }));
    for (const each of [one, two]) expect((await each.next()).value?.message.text("msg")).toBe("hello");
    await one.return!();
    expect(await one.next()).toEqual({ value: undefined, done: true });
    sockets[0]!.write(event("log", { msg: "again" }));
    expect((await two.next()).value?.message.text("msg")).toBe("again");
    await two.return!();
    expect(log()).toEqual(["EVENT_REGISTER log", "EVENT_UNREGISTER log"]);
  });

  it("fails all that waits when the connection is lost", async () => {
    const { client, sockets } = await daemon(() => sockets[0]!.destroy());
    const events = await client.events("log");
    const lost = { code: "CYG_VICI_CONNECTION" };
    await expect(client.request("version")).rejects.toMatchObject(lost);
    await expect(events.next()).rejects.toMatchObject(lost);
    await expect(client.request("version")).rejects.toMatchObject(lost);
    await events.return!();
  });

  it("gives up a daemon that does not speak vici", async () => {
    const { client } = await daemon((_, socket) => socket.write("HTTP/1.1 400 Bad Request\r\n"));
    await expect(client.request("version")).rejects.toThrow("no vici packet");
  });

  it("says where it could not connect to", async () => {
    await expect(ViciClient.connect("unix:///nowhere/vici")).rejects.toMatchObject({
      code: "CYG_VICI_CONNECTION",
      message: expect.stringContaining("unix:///nowhere/vici"),
    });
  });
});

describe("URIs", () => {
  it.each([
    ["unix:///var/run/charon.vici", { path: "/var/run/charon.vici" }],
    ["tcp://127.0.0.1:4502", { host: "127.0.0.1", port: 4502 }],
    ["tcp://[::1]:4502", { host: "::1", port: 4502 }],
    ["tcp://gateway.example.org:1", { host: "gateway.example.org", port: 1 }],
  ])("%s", (uri, options) => expect(parseUri(uri)).toEqual(options));

  it.each([
    "",
    "unix://",
    "/var/run/charon.vici",
    "tcp://host",
    "tcp://host:0",
    "tcp://host:65536",
    "tcp://::1:4502",
    "http://host:80",
  ])("refuses '%s'", (uri) => expect(() => parseUri(uri)).toThrow(expect.objectContaining({ code: "CYG_VICI_URI" })));
});
