import { StatusText } from "./status-text.js";

/**
 * Asks a daemon for `statusall`, no more of it than is shown.
 * @param socket path of its stroke socket
 * @param limit IKE_SAs to show
 * @returns the text, or a line that says why there is none
 */
export async function readStatus(socket: string, limit: number): Promise<string> {
  // Not needed before the test is over, so the start need not wait for it.
  const { StrokeClientError, strokeCommandRequest, strokeRequest } = await import("@cygnet/starter");
  const status = new StatusText(limit);
  const enough = new AbortController();
  const decoder = new TextDecoder();
  try {
    await strokeRequest(`unix://${socket}`, strokeCommandRequest(["statusall"]), {
      signal: enough.signal,
      onData: (chunk) => {
        status.add(decoder.decode(chunk, { stream: true }));
        if (status.isFull) enough.abort();
      },
    });
  } catch (error) {
    if (!(error instanceof StrokeClientError)) throw error;
    if (!enough.signal.aborted) return `no statusall: ${error.message}\n`;
  }
  return status.text();
}
