import { askStroke } from "./ask-stroke.js";
import { StatusText } from "./status-text.js";

/**
 * Asks a daemon for `statusall`, no more of it than is shown.
 * @param socket path of its stroke socket
 * @param limit IKE_SAs to show
 * @returns the text, or a line that says why there is none
 */
export async function readStatus(socket: string, limit: number): Promise<string> {
  const status = new StatusText(limit);
  const enough = new AbortController();
  const add = (text: string): void => {
    status.add(text);
    if (status.isFull) enough.abort();
  };
  const error = await askStroke(socket, "statusall", add, enough.signal);
  return error === undefined || enough.signal.aborted ? status.text() : `no statusall: ${error}\n`;
}
