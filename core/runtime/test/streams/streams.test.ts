import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogGroup } from "@cygnet/plugin-api";
import { LogManager, NetStreamServices, OptionError, parseStreamUri, readStreamOwner } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { Settings } from "@cygnet/settings";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
let sink: MemorySink;
let log: LogManager;
let services: NetStreamServices;
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-streams-"));
  log = new LogManager(new VirtualClock());
  sink = new MemorySink();
  log.addSink(sink);
  services = new NetStreamServices({ log, pidDir: folder });
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

async function listen(
  uri: string,
  onConnection: (connection: Socket) => void | Promise<void>,
  maxConcurrent = 0,
): Promise<() => Promise<void>> {
  const close = await services.listen({ uri, maxConcurrent, onConnection });
  closers.push(close);
  return close;
}

/** Sends a line and collects the answer. */
function ask(path: string, text: string): { readonly answer: Promise<string>; readonly socket: Socket } {
  const socket = connect(path);
  let received = "";
  socket.setEncoding("utf8");
  socket.on("data", (data: string) => (received += data));
  socket.end(text);
  const answer = new Promise<string>((resolve) => socket.once("close", () => resolve(received)));
  socket.on("error", () => undefined);
  return { answer, socket };
}

const echo = (connection: Socket): void => void connection.pipe(connection);
const path = (): string => join(folder, "charon.ctl");
const uri = (): string => `unix://${path()}`;

describe("control sockets", () => {
  it("serve a unix socket that only owner and group may use", async () => {
    const close = await listen(uri(), echo);
    expect(statSync(path()).mode & 0o777).toBe(0o660);
    expect(await ask(path(), "hello").answer).toBe("hello");
    await close();
    await close();
    expect(existsSync(path())).toBe(false);
  });

  it("take a job slot for each connection, persistent ones for each request", async () => {
    let slots = 0;
    const occupy = (): (() => void) => {
      slots++;
      return () => void slots--;
    };
    services = new NetStreamServices({ log, pidDir: folder, occupy });
    const seen: number[] = [];
    const gone: Promise<unknown>[] = [];
    const note = (connection: Socket): void => {
      seen.push(slots);
      gone.push(once(connection, "close"));
      connection.resume().end();
    };
    await listen(uri(), note);
    await ask(path(), "hello").answer;
    await Promise.all(gone);
    const persistent = join(folder, "charon.vici");
    closers.push(
      await services.listen({ uri: `unix://${persistent}`, maxConcurrent: 0, isPersistent: true, onConnection: note }),
    );
    await ask(persistent, "hello").answer;
    expect(seen).toEqual([1, 0]);
    const giveBack = services.occupy();
    expect(slots).toBe(1);
    giveBack();
    expect(slots).toBe(0);
  });

  it("leave the umask as it was", async () => {
    const before = process.umask();
    await listen(uri(), echo);
    expect(process.umask()).toBe(before);
  });

  it("serve TCP on a port of the kernel's choice", async () => {
    await listen("tcp://127.0.0.1:0", echo);
    await expect(listen("tcp://127.0.0.1:99999", echo)).rejects.toMatchObject({ code: "CYG_STREAM_URI" });
  });

  it("replace the socket of a daemon that is gone", async () => {
    const script =
      "const s = require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
    spawnSync(process.execPath, ["-e", script, path()]);
    expect(existsSync(path())).toBe(true);
    await listen(uri(), echo);
    expect(await ask(path(), "hello").answer).toBe("hello");
  });

  it("refuse to replace a socket that is served", async () => {
    await listen(uri(), echo);
    await expect(listen(uri(), echo)).rejects.toMatchObject({ code: "CYG_STREAM_IN_USE", errno: "EADDRINUSE" });
    expect(await ask(path(), "still here").answer).toBe("still here");
  });

  it("refuse to touch what is no socket", async () => {
    writeFileSync(path(), "precious");
    await expect(listen(uri(), echo)).rejects.toMatchObject({ code: "CYG_STREAM_NOT_SOCKET" });
    expect(readFileSync(path(), "utf8")).toBe("precious");
  });

  it("say which folder is missing or port is taken", async () => {
    await expect(listen(`unix://${folder}/none/x.ctl`, echo)).rejects.toMatchObject({ code: "CYG_STREAM_LISTEN" });
    await expect(listen("tcp://192.0.2.1:1", echo)).rejects.toMatchObject({ code: "CYG_STREAM_LISTEN", errno: "EADDRNOTAVAIL" });
  });

  it("serve as many connections at a time as allowed, the others in turn", async () => {
    const serving: Socket[] = [];
    await listen(uri(), (connection) => void serving.push(connection), 2);
    const clients = ["a", "b", "c", "d"].map((text) => ask(path(), text));
    await expect.poll(() => serving.length).toBe(2);
    serving[0].end("done");
    serving[0].resume();
    await clients[0].answer;
    await expect.poll(() => serving.length).toBe(3);
    // What the third one sent while it waited is not lost.
    const text = await new Promise((resolve) => serving[2].once("data", (data) => resolve(data.toString())));
    expect(text).toBe("c");
  });

  it("keep connections that come before they are ready, and serve them then", async () => {
    let beReady = (): void => undefined;
    services = new NetStreamServices({ log, pidDir: folder, ready: new Promise((resolve) => (beReady = resolve)) });
    let served = 0;
    const answer = (connection: Socket): void => {
      served++;
      echo(connection);
    };
    await listen(uri(), answer, 2);
    const early = ["a", "b", "c"].map((text) => ask(path(), text));
    await Promise.all(early.map(({ socket }) => new Promise((resolve) => socket.once("connect", resolve))));
    await new Promise((resolve) => setImmediate(resolve));
    expect(served).toBe(0);
    beReady();
    expect(await Promise.all(early.map((each) => each.answer))).toEqual(["a", "b", "c"]);
    expect(await ask(path(), "late").answer).toBe("late");
  });

  it("refuse connections beyond their room, and tell so in two lines however many", async () => {
    const serving: Socket[] = [];
    services = new NetStreamServices({ log, pidDir: folder, room: 4 });
    await listen(uri(), (connection) => void serving.push(connection), 2);
    const kept = [1, 2, 3, 4].map((text) => ask(path(), String(text)));
    await expect.poll(() => serving.length).toBe(2);
    const refused = await Promise.all(Array.from({ length: 20 }, () => ask(path(), "x").answer));
    expect(new Set(refused)).toEqual(new Set([""]));
    expect(sink.messages(LogGroup.NET, 1)).toEqual([`closing new connections on ${uri()}, 4 others are open`]);
    for (let i = 0; i < kept.length; i++) {
      await expect.poll(() => serving.length).toBeGreaterThan(i);
      serving[i].resume().end("done");
    }
    expect(await Promise.all(kept.map(({ answer }) => answer))).toEqual(Array(4).fill("done"));
    await expect.poll(() => sink.messages(LogGroup.NET, 1)[1]).toBe(`20 new connections on ${uri()} were closed`);
  });

  it("forget waiting clients that hang up", async () => {
    const serving: Socket[] = [];
    const close = await listen(uri(), (connection) => void serving.push(connection), 1);
    const first = ask(path(), "a");
    await expect.poll(() => serving.length).toBe(1);
    const second = connect(path());
    await new Promise((resolve) => second.once("connect", resolve));
    second.destroy();
    serving[0].destroy();
    await first.answer;
    await close();
  });

  it("survive a handler that throws or rejects, closing only that connection", async () => {
    let calls = 0;
    await listen(uri(), (connection) => {
      calls++;
      if (calls === 1) throw new Error("bad request");
      if (calls === 2) return Promise.reject(new Error("worse request"));
      return echo(connection);
    });
    expect(await ask(path(), "1").answer).toBe("");
    expect(await ask(path(), "2").answer).toBe("");
    expect(await ask(path(), "3").answer).toBe("3");
    expect(sink.messages(LogGroup.NET, 1)).toEqual([
      `serving a connection on ${uri()} failed: bad request`,
      `serving a connection on ${uri()} failed: worse request`,
    ]);
  });

  it("close what is still connected", async () => {
    const close = await listen(uri(), () => undefined);
    const { answer } = ask(path(), "hello");
    const idle = connect(path());
    // Closing with unread data resets the connection, which is fine with this client.
    idle.on("error", () => undefined);
    await new Promise((resolve) => idle.once("connect", resolve));
    const closed = new Promise((resolve) => idle.once("close", resolve));
    await close();
    await closed;
    await answer;
  });

  it("know their directory", () => {
    expect(services.pidDir).toBe(folder);
  });
});

describe("stream URIs", () => {
  it.each([
    ["unix:///run/charon.ctl", { kind: "unix", path: "/run/charon.ctl" }],
    ["tcp://127.0.0.1:4502", { kind: "tcp", host: "127.0.0.1", port: 4502 }],
    ["tcp://[::1]:4502", { kind: "tcp", host: "::1", port: 4502 }],
    ["tcp://localhost:0", { kind: "tcp", host: "localhost", port: 0 }],
  ])("name %s", (text, address) => {
    expect(parseStreamUri(text)).toEqual(address);
  });

  it.each([
    "/run/charon.ctl",
    "unix://",
    "tcp://host",
    "tcp://:1",
    "tcp://host:x",
    "tcp://host:65536",
    `unix:///${"x".repeat(107)}`,
    "",
  ])("refuse '%s'", (text) => {
    expect(() => parseStreamUri(text)).toThrow(expect.objectContaining({ code: "CYG_STREAM_URI" }) as Error);
  });
});

describe("socket owners", () => {
  it("are found by name or number", () => {
    const passwd = join(folder, "passwd");
    const group = join(folder, "group");
    writeFileSync(passwd, "root:x:0:0:root:/root:/bin/sh\nvpn:x:107:112::/:/bin/false\n");
    writeFileSync(group, "root:x:0:\nnetadmin:x:1001:alice\n");
    const databases = { passwd, group };
    const owner = (charon: Record<string, string>) =>
      readStreamOwner(Settings.fromObject({ charon }).section("charon"), databases);
    expect(owner({})).toEqual({ uid: undefined, gid: undefined });
    expect(owner({ user: "vpn", group: "netadmin" })).toEqual({ uid: 107, gid: 1001, userGid: 112 });
    expect(owner({ user: "107" })).toEqual({ uid: 107, gid: undefined, userGid: 112 });
    expect(owner({ user: "1234" })).toEqual({ uid: 1234, gid: undefined, userGid: undefined });
    expect(() => owner({ group: "nobody-here" })).toThrow(OptionError);
  });
});
