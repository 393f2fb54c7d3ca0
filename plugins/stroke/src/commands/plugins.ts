import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext, Reply } from "./command.js";

/** `plugins`: one line of JSON, the `PluginReport`s of the daemon. */
export async function plugins(
  _message: StrokeMessage<StrokeMessageType.PLUGINS>,
  { controller }: CommandContext,
  reply: Reply,
): Promise<void> {
  await reply.write([JSON.stringify(await controller.plugins())]);
}
