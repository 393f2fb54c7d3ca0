import { LogGroup } from "@cygnet/plugin-api";
import type { SecretEntry } from "../../../credentials/index.js";
import type { IkeContext } from "../../../ike-context.js";
import type { Identification } from "../../../identity/index.js";
import type { IkeSa } from "../../ike-sa.js";
import { authInput } from "./auth-input.js";

/** Our AUTH value with the best matching pre-shared key, or undefined when there is none. */
export function authenticateWithPsk(context: IkeContext, ikeSa: IkeSa, idBody: Uint8Array): Uint8Array | undefined {
  const { localId, remoteId, suite, keys } = ikeSa;
  for (const secret of keysOf(context, ikeSa)) {
    const value = context.octets.take(suite!.prf.outputBytes);
    context.auth.psk(suite!, keys!, authInput(ikeSa, ikeSa.isInitiator, idBody), secret.secret, value);
    return value;
  }
  context.log.log(LogGroup.IKE, 1, `no shared key found for ${pair(localId!, remoteId!)}`);
  return undefined;
}

/** Whether the peer's AUTH value is right for one of the pre-shared keys that match. */
export function verifyPsk(context: IkeContext, ikeSa: IkeSa, idBody: Uint8Array, value: Uint8Array): boolean {
  const { localId, remoteId, suite, keys } = ikeSa;
  const input = authInput(ikeSa, !ikeSa.isInitiator, idBody);
  const { otherInitRequest } = ikeSa.handshake!;
  const otherInput = otherInitRequest && authInput(ikeSa, !ikeSa.isInitiator, idBody, otherInitRequest);
  let tried = 0;
  for (const { secret } of keysOf(context, ikeSa)) {
    tried++;
    if (context.auth.verifyPsk(suite!, keys!, input, secret, value)) return true;
    if (otherInput && context.auth.verifyPsk(suite!, keys!, otherInput, secret, value)) return true;
  }
  const { log } = context;
  if (tried === 0) log.log(LogGroup.IKE, 1, `no shared key found for ${pair(localId!, remoteId!)}`);
  else
    log.log(
      LogGroup.IKE,
      1,
      `tried ${tried} shared key${tried === 1 ? "" : "s"} for ${pair(localId!, remoteId!)}, but MAC mismatched`,
    );
  return false;
}

/** Keys that may be meant: those of credential sets, which are asked where no other one names the peer, first. */
function keysOf({ secrets }: IkeContext, { localId, remoteId, handshake }: IkeSa): readonly SecretEntry[] {
  const loaded = secrets.sharedSecrets("IKE", localId!, remoteId!);
  const found = handshake!.foundSecrets?.store.sharedSecrets("IKE", localId!, remoteId!);
  return found === undefined || found.length === 0 ? loaded : [...found, ...loaded];
}

const pair = (local: Identification, remote: Identification): string => `'${local}' - '${remote}'`;
