import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext, Reply } from "./command.js";

/** `profile`: one line of JSON, a `DaemonProfile`; who asks makes tables of it, or the difference to an earlier one. */
export async function profile(
  _message: StrokeMessage<StrokeMessageType.PROFILE>,
  { controller }: CommandContext,
  reply: Reply,
): Promise<void> {
  await reply.write([JSON.stringify(await controller.profile())]);
}
