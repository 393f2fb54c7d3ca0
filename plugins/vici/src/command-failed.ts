import type { MessageData } from "@cygnet/vici";

/** A command was not carried out: the answer is `success=no` with the message. */
export class CommandFailed extends Error {
  /** @param details what else the answer has, before the message */
  constructor(
    message: string,
    readonly details: MessageData = {},
  ) {
    super(message);
    this.name = "CommandFailed";
  }
}
