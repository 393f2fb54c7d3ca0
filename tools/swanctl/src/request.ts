import { ViciCommandError } from "@cygnet/vici";
import type { MessageData, Section, ViciClient } from "@cygnet/vici";

/** An answer, and why it has no success, if it has none. */
export interface Answer {
  readonly message: Section;
  readonly failure: string | undefined;
}

/** As `ViciClient.request`, but a command without success is an answer, too: its message is printed in the raw formats. */
export async function ask(client: ViciClient, command: string, data: MessageData = {}): Promise<Answer> {
  try {
    return { message: await client.request(command, data), failure: undefined };
  } catch (error) {
    if (!(error instanceof ViciCommandError)) throw error;
    return { message: error.answer, failure: error.message };
  }
}

/** As `ViciClient.stream`, with each event given to `onEvent`. */
export async function askStream(
  client: ViciClient,
  command: string,
  event: string,
  data: MessageData,
  onEvent: (message: Section) => void,
): Promise<Answer> {
  const stream = client.stream(command, event, data);
  try {
    for (;;) {
      const next = await stream.next();
      if (next.done === true) return { message: next.value, failure: undefined };
      onEvent(next.value);
    }
  } catch (error) {
    if (!(error instanceof ViciCommandError)) throw error;
    return { message: error.answer, failure: error.message };
  }
}
