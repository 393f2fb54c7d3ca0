import { LogGroup } from "@cygnet/plugin-api";
import { StrokeRereadFlag } from "../abi/index.js";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext } from "./command.js";

/** The `reread...` commands: secrets with private keys, authorities, OCSP responders, revocation lists. */
export async function reread(
  { fields }: StrokeMessage<StrokeMessageType.REREAD>,
  { log, secrets, certificates }: CommandContext,
): Promise<void> {
  if (fields.flags & StrokeRereadFlag.SECRETS) {
    log.log(LogGroup.CFG, 1, "rereading secrets");
    await secrets.load();
  }
  if (fields.flags & StrokeRereadFlag.CACERTS) await certificates.loadAuthorities();
  if (fields.flags & StrokeRereadFlag.OCSPCERTS) await certificates.loadOcspSigners();
  if (fields.flags & StrokeRereadFlag.CRLS) await certificates.loadRevocationLists();
}
