import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HttpFetcher } from "../src/index.js";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let handlers: Record<string, Handler>;
let base: string;

beforeEach(async () => {
  handlers = {};
  server = createServer((request, response) => (handlers[request.url!] ?? notFound)(request, response));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const notFound: Handler = (_, response) => response.writeHead(404).end("no such thing");
const redirect =
  (location: string): Handler =>
  (_, response) =>
    response.writeHead(302, { location }).end();

const fetch = (path: string, redirects = -1, signal = new AbortController().signal): Promise<string> =>
  new HttpFetcher(redirects)
    .fetch({ uri: path.includes("://") ? path : base + path, maxOctets: 10 }, signal)
    .then((octets) => Buffer.from(octets).toString());

describe("HttpFetcher", () => {
  it("gets what is there", async () => {
    handlers["/list"] = (_, response) => response.end("content");
    expect(await fetch("/list")).toBe("content");
  });

  it("posts a body with its type", async () => {
    handlers["/ocsp"] = (request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () =>
        response.end(`${request.method} ${request.headers["content-type"]} ${Buffer.concat(pieces).toString()}`),
      );
    };
    const body = { type: "a/b", octets: Buffer.from("question") };
    const octets = await new HttpFetcher(-1).fetch({ uri: `${base}/ocsp`, body, maxOctets: 100 }, new AbortController().signal);
    expect(Buffer.from(octets).toString()).toBe("POST a/b question");
  });

  it("follows redirects, as many as it may", async () => {
    handlers["/a"] = redirect("/b");
    handlers["/b"] = redirect(`${base}/c`);
    handlers["/c"] = (_, response) => response.end("there");
    expect(await fetch("/a")).toBe("there");
    expect(await fetch("/a", 2)).toBe("there");
    await expect(fetch("/a", 1)).rejects.toThrow("more than 1 redirects");
    handlers["/round"] = redirect("/round");
    await expect(fetch("/round")).rejects.toThrow("more than 50 redirects");
  });

  it("is not led to files", async () => {
    handlers["/passwd"] = redirect("file:///etc/passwd");
    await expect(fetch("/passwd")).rejects.toThrow("redirected to the unsupported scheme 'file:'");
  });

  it("says what is wrong with an answer, and takes no more of it than it may", async () => {
    await expect(fetch("/nowhere")).rejects.toThrow("HTTP status 404");
    handlers["/large"] = (_, response) => response.end("more than ten octets");
    await expect(fetch("/large")).rejects.toThrow("more than 10 octets");
    handlers["/cut"] = (_, response) => {
      response.writeHead(200, { "content-length": 9 });
      response.write("half");
      setImmediate(() => response.destroy());
    };
    await expect(fetch("/cut")).rejects.toThrow("aborted");
  });

  it("gives up when nobody waits any more", async () => {
    const end = new AbortController();
    handlers["/slow"] = () => end.abort();
    await expect(fetch("/slow", -1, end.signal)).rejects.toThrow(/abort/);
  });

  it("says when nobody answers", async () => {
    await expect(fetch("http://127.0.0.1:1/")).rejects.toThrow("ECONNREFUSED");
  });
});
