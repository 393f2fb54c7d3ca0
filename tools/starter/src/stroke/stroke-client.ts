/**
 * The client side of the stroke protocol: one connection, one request, a reply of plain text until the server closes.
 */

import { connect } from "node:net";
import type { Socket } from "node:net";
import { parseStrokeUri } from "./stroke-uri.js";

/**
 * Why a request could not be made. The command line exits with status 255 then.
 *
 * - `CYG_STROKE_URI`: the socket address is neither a unix nor a tcp URI
 * - `CYG_STROKE_CONNECT`: nobody listens there, or it is not allowed to connect
 * - `CYG_STROKE_IO`: the connection broke before the server closed it
 * - `CYG_STROKE_ABORTED`: the caller's signal ended the request
 */
export class StrokeClientError extends Error {
  constructor(
    readonly code: "CYG_STROKE_URI" | "CYG_STROKE_CONNECT" | "CYG_STROKE_IO" | "CYG_STROKE_ABORTED",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "StrokeClientError";
  }
}

/** What a request does with its reply. */
export interface StrokeRequestOptions {
  /** Gets every chunk of the reply as it comes, to be printed verbatim. The bytes stay valid. */
  readonly onData?: (chunk: Uint8Array) => void;
  /**
   * Asked when the server wants a secret: `prompt` is the text shown last, with a blank in place of the line feed, already passed to
   * `onData`. The answer goes back on the same connection. Unset: prompts get an empty answer.
   */
  readonly onPrompt?: (prompt: string) => Promise<string>;
  /** Ends the request when aborted. */
  readonly signal?: AbortSignal;
}

/** Ends of a reply by which a server asks for a secret. */
const PROMPTS = ["Passphrase:\n", "Password:\n", "PIN:\n"] as const;

/**
 * Sends one message and waits for the end of the reply. Resolving means that the server closed the connection, nothing more: there is
 * no status in the protocol.
 *
 * @param uri `unix://PATH`, `tcp://HOST:PORT` or a path
 * @param message an encoded request; belongs to the socket until the promise settles
 * @throws {StrokeClientError}
 */
export async function strokeRequest(uri: string, message: Uint8Array, options: StrokeRequestOptions = {}): Promise<void> {
  const address = parseStrokeUri(uri);
  if (address === undefined) throw new StrokeClientError("CYG_STROKE_URI", `invalid stroke socket '${uri}'`);
  const socket = connect(address);
  try {
    await connected(socket, uri, options.signal);
    await exchange(socket, message, options);
  } finally {
    socket.destroy();
  }
}

function connected(socket: Socket, uri: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(new StrokeClientError("CYG_STROKE_ABORTED", `request to '${uri}' aborted`));
    if (signal?.aborted === true) aborted();
    signal?.addEventListener("abort", aborted, { once: true });
    socket.once("connect", () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
    socket.once("error", (cause) => {
      signal?.removeEventListener("abort", aborted);
      const isForbidden = ["EACCES", "EPERM"].includes((cause as NodeJS.ErrnoException).code ?? "");
      const what = isForbidden ? "no permission to use" : "failed to connect to";
      reject(new StrokeClientError("CYG_STROKE_CONNECT", `${what} stroke socket '${uri}'`, { cause }));
    });
  });
}

function exchange(socket: Socket, message: Uint8Array, options: StrokeRequestOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    const fail = (error: Error): void => {
      signal?.removeEventListener("abort", aborted);
      reject(error);
    };
    const aborted = (): void => fail(new StrokeClientError("CYG_STROKE_ABORTED", "stroke request aborted"));
    signal?.addEventListener("abort", aborted, { once: true });
    socket.on("data", (chunk: Buffer) => {
      const prompt = PROMPTS.find((text) => chunk.subarray(-text.length).toString("latin1") === text);
      if (prompt === undefined) {
        options.onData?.(chunk);
        return;
      }
      const shown = Buffer.concat([chunk.subarray(0, -1), Buffer.from(" ")]);
      options.onData?.(shown);
      socket.pause();
      answer(socket, shown.toString("utf8"), options).then(
        () => socket.resume(),
        (error: unknown) => fail(error instanceof Error ? error : new Error(String(error))),
      );
    });
    socket.on("end", () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
    socket.removeAllListeners("error");
    socket.on("error", (cause) => fail(new StrokeClientError("CYG_STROKE_IO", "stroke connection failed", { cause })));
    // Not ended: the protocol answers prompts on the open connection.
    socket.write(message);
  });
}

async function answer(socket: Socket, shown: string, options: StrokeRequestOptions): Promise<void> {
  const lastLine = shown.slice(shown.lastIndexOf("\n") + 1);
  const secret = (await options.onPrompt?.(lastLine)) ?? "";
  socket.write(`${secret}\n`);
}
