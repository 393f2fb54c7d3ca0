import type { AuthPayload } from "@cygnet/wire";
import { AuthMethod, PayloadType } from "@cygnet/wire";
import type { OwnCredential } from "../../../credentials/index.js";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import { authInput } from "./auth-input.js";
import type { SignatureChoice } from "./signature-choice.js";

/** Our AUTH payload, signed in the thread pool: the shard goes on meanwhile. */
export async function sign(
  context: IkeContext,
  ikeSa: IkeSa,
  idBody: Uint8Array,
  { key }: OwnCredential,
  { method, scheme }: SignatureChoice,
): Promise<AuthPayload> {
  // A copy: the octets are the authenticator's own until its next call.
  const octets = context.auth.octets(ikeSa.suite!, ikeSa.keys!, authInput(ikeSa, ikeSa.isInitiator, idBody)).slice();
  const isDigital = method === AuthMethod.DS;
  const signature = await key.key.sign(scheme, octets, isDigital ? "der" : "ieee-p1363");
  if (!isDigital) return { type: PayloadType.AUTH, method, data: signature };
  // RFC 7427 section 3: length and AlgorithmIdentifier, then the signature.
  const { algorithmIdentifier } = scheme;
  const data = new Uint8Array(1 + algorithmIdentifier.length + signature.length);
  data[0] = algorithmIdentifier.length;
  data.set(algorithmIdentifier, 1);
  data.set(signature, 1 + algorithmIdentifier.length);
  return { type: PayloadType.AUTH, method, data };
}
