import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeStrokeMessage, strokeMessageLength, StrokeMessageType } from "@cygnet/plugin-stroke/abi";
import { strokeRequest, StrokeClientError } from "../../src/stroke/stroke-client.js";
import { strokeCommandRequest } from "../../src/stroke/stroke-commands.js";
import { parseStrokeUri } from "../../src/stroke/stroke-uri.js";

let directory: string;
let server: Server;
let socketPath: string;

/** Serves one behaviour: called with the whole request and the connection. */
async function serve(onRequest: (request: Uint8Array, socket: Socket) => void, port?: number): Promise<string> {
  server = createServer((socket) => {
    let bytes = Buffer.alloc(0);
    let isAnswered = false;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      if (isAnswered) return;
      bytes = Buffer.concat([bytes, chunk]);
      const length = strokeMessageLength(bytes);
      if (length === undefined || bytes.length < length) return;
      isAnswered = true;
      onRequest(bytes, socket);
    });
  });
  await new Promise<void>((resolve) =>
    port === undefined ? server.listen(socketPath, resolve) : server.listen(port, "127.0.0.1", resolve),
  );
  const address = server.address();
  return typeof address === "object" && address !== null ? `tcp://127.0.0.1:${address.port}` : `unix://${socketPath}`;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cygnet-stroke-"));
  socketPath = join(directory, "s.ctl");
});
afterEach(async () => {
  if (server?.listening) await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

const REQUEST = strokeCommandRequest(["status"]);

describe("strokeRequest", () => {
  it.each([undefined, 0])("sends the message, passes the reply on verbatim and resolves at its end (port %s)", async (port) => {
    let seen: Uint8Array | undefined;
    const reply = Buffer.from([0x61, 0xff, 0x0a, 0x00, 0x62]);
    const uri = await serve((request, socket) => {
      seen = request;
      socket.end(reply);
    }, port);
    const chunks: Uint8Array[] = [];
    await strokeRequest(uri, REQUEST, { onData: (chunk) => chunks.push(Uint8Array.from(chunk)) });
    expect(Buffer.from(seen ?? [])).toEqual(Buffer.from(REQUEST));
    expect(Buffer.concat(chunks)).toEqual(reply);
  });

  it.each(["Passphrase:", "Password:", "PIN:"])("answers the prompt %s on the same connection and goes on", async (prompt) => {
    const answers: string[] = [];
    const uri = await serve((_request, socket) => {
      socket.write(`Private key 'x' is encrypted.\n${prompt}\n`);
      socket.on("data", (chunk) => {
        answers.push(chunk.toString());
        socket.end("thanks\n");
      });
    });
    let text = "";
    const prompts: string[] = [];
    await strokeRequest(uri, REQUEST, {
      onData: (chunk) => (text += Buffer.from(chunk).toString()),
      onPrompt: (shown) => {
        prompts.push(shown);
        return Promise.resolve("s3cret");
      },
    });
    expect(answers).toEqual(["s3cret\n"]);
    expect(prompts).toEqual([`${prompt} `]);
    expect(text).toBe(`Private key 'x' is encrypted.\n${prompt} thanks\n`);
  });

  it("does not take a prompt in the middle of a reply for one", async () => {
    const uri = await serve((_request, socket) => socket.end("PIN:\nwrong\n"));
    let text = "";
    await strokeRequest(uri, REQUEST, {
      onData: (chunk) => (text += Buffer.from(chunk).toString()),
      onPrompt: () => Promise.reject(new Error("asked")),
    });
    expect(text).toBe("PIN:\nwrong\n");
  });

  it("rejects when the prompt fails", async () => {
    const uri = await serve((_request, socket) => socket.write("PIN:\n"));
    await expect(strokeRequest(uri, REQUEST, { onPrompt: () => Promise.reject(new Error("no terminal")) })).rejects.toThrow(
      "no terminal",
    );
  });

  it("tells why it cannot connect", async () => {
    await expect(strokeRequest(`unix://${socketPath}`, REQUEST)).rejects.toMatchObject({
      code: "CYG_STROKE_CONNECT",
      message: `failed to connect to stroke socket 'unix://${socketPath}'`,
      cause: { code: "ENOENT" },
    });
    await expect(strokeRequest("http://x", REQUEST)).rejects.toMatchObject({ code: "CYG_STROKE_URI" });
  });

  it("ends when aborted while the server says nothing", async () => {
    const abort = new AbortController();
    const uri = await serve(() => abort.abort());
    const failure = strokeRequest(uri, REQUEST, { signal: abort.signal });
    await expect(failure).rejects.toBeInstanceOf(StrokeClientError);
    await expect(failure).rejects.toMatchObject({ code: "CYG_STROKE_ABORTED" });
  });
});

describe("parseStrokeUri", () => {
  it("knows unix and tcp URIs and paths", () => {
    expect(parseStrokeUri("unix:///run/charon.ctl")).toEqual({ path: "/run/charon.ctl" });
    expect(parseStrokeUri("/run/charon.ctl")).toEqual({ path: "/run/charon.ctl" });
    expect(parseStrokeUri("tcp://127.0.0.1:4502")).toEqual({ host: "127.0.0.1", port: 4502 });
    expect(parseStrokeUri("tcp://[::1]:4502")).toEqual({ host: "::1", port: 4502 });
    for (const bad of ["", "unix://", "tcp://x", "tcp://x:99999", "tcp://a:b:1", "charon"])
      expect(parseStrokeUri(bad)).toBeUndefined();
  });
});

it("requests of one connection do not mix with the next", async () => {
  const seen: number[] = [];
  const uri = await serve((request, socket) => {
    seen.push(decodeStrokeMessage(request).type);
    socket.end();
  });
  await strokeRequest(uri, strokeCommandRequest(["listalgs"]));
  await strokeRequest(uri, strokeCommandRequest(["up", "x"]));
  expect(seen).toEqual([StrokeMessageType.LIST, StrokeMessageType.INITIATE]);
});
