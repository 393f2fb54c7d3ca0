import { IkeSaState } from "@cygnet/plugin-api";
import { StrokePurgeFlag } from "../abi/index.js";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext, Reply } from "./command.js";
import { close } from "./terminate.js";

/**
 * `purgecrls` and `purgeocsp` forget what was fetched, `purgeike` closes IKE_SAs without CHILD_SA. Certificates that were fetched are not kept, so
 * there are none to purge.
 */
export async function purge(
  { fields, outputVerbosity }: StrokeMessage<StrokeMessageType.PURGE>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  if (fields.flags & StrokePurgeFlag.OCSP) await context.credentials.flushFetched("ocsp");
  if (fields.flags & StrokePurgeFlag.CRLS) await context.credentials.flushFetched("crl");
  if ((fields.flags & StrokePurgeFlag.IKE) === 0) return;
  const ids: number[] = [];
  for await (const piece of context.controller.ikeSas({}, false)) {
    // One that is being set up has no CHILD_SA yet, which is no reason to close it.
    const childless = piece.filter(({ state, children }) => children.length === 0 && state >= IkeSaState.ESTABLISHED);
    ids.push(...childless.map(({ uniqueId }) => uniqueId));
  }
  await close({ kind: "ike", ids }, outputVerbosity, context, reply);
}
