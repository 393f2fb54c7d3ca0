import type { Socket } from "node:net";
import { decodeStrokeMessage, strokeMessageLength } from "./abi/index.js";
import type { AnyStrokeMessage } from "./abi/index.js";
import type { StartTimer } from "./timers.js";

/** How long a client may take to send its request. The real ones write it in one go, when the machine lets them. */
export const REQUEST_LIMIT_MS = 20_000;

/**
 * Reads the one request of a connection. What follows it stays in the socket.
 *
 * @returns undefined when the client went away or took longer than `REQUEST_LIMIT_MS`
 * @throws {StrokeMessageError} when it is no request
 */
export function readRequest(socket: Socket, startTimer: StartTimer): Promise<AnyStrokeMessage | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let length: number | undefined;
    const stopTimer = startTimer(REQUEST_LIMIT_MS, () => finish(undefined));
    const stop = (): void => {
      stopTimer();
      socket.off("data", onData).off("close", onClose).pause();
    };
    const finish = (message: AnyStrokeMessage | undefined): void => {
      stop();
      resolve(message);
    };
    const onClose = (): void => finish(undefined);
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      try {
        length ??= strokeMessageLength(Buffer.concat(chunks));
        if (length === undefined || size < length) return;
        const bytes = Buffer.concat(chunks);
        finish(decodeStrokeMessage(bytes));
        // Only now: while the listener is on, the rest would come back to it.
        if (size > length) socket.unshift(bytes.subarray(length));
      } catch (error) {
        stop();
        reject(error as Error);
      }
    };
    socket.on("data", onData).on("close", onClose);
  });
}
