import type { AuthInput } from "@cygnet/crypto";
import type { IkeSa } from "../../ike-sa.js";

/** What the given side signs: its IKE_SA_INIT message, the other's nonce, its identity. */
export function authInput(
  ikeSa: IkeSa,
  byInitiator: boolean,
  idBody: Uint8Array,
  initRequest = ikeSa.handshake!.initRequest,
): AuthInput {
  const handshake = ikeSa.handshake!;
  return {
    byInitiator,
    initMessage: byInitiator ? initRequest : handshake.initResponse,
    nonceOther: byInitiator ? handshake.nonceR : handshake.nonceI,
    idBody,
  };
}
