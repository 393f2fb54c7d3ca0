import { LogGroup } from "@cygnet/plugin-api";
import type { AuthPayload } from "@cygnet/wire";
import { AuthMethod, PayloadType, authMethodName } from "@cygnet/wire";
import { buildTrustChain, schemeOf } from "../../../credentials/index.js";
import type { Certificate, OwnCredential, SignatureScheme, TrustChain } from "../../../credentials/index.js";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import { isOfferedHash } from "../signature-hashes.js";
import { authInput } from "./auth-input.js";
import { schemeOfMethod } from "./signature-choice.js";
import type { SignatureChoice } from "./signature-choice.js";

/** What a peer has proved: that it holds the key of the first certificate of this chain. */
export interface VerifiedPeer {
  readonly chain: TrustChain;
  readonly scheme: SignatureScheme;
}

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

/** How an AUTH payload says that it is signed, undefined where that cannot be read. */
function readSignature(
  auth: AuthPayload,
): { readonly scheme: SignatureScheme; readonly signature: Uint8Array; readonly bits: number } | undefined {
  if (auth.method !== AuthMethod.DS) {
    const found = schemeOfMethod(auth.method);
    return found && { ...found, signature: auth.data };
  }
  const length = auth.data[0] ?? 0;
  if (auth.data.length <= 1 + length) return undefined;
  const scheme = schemeOf(auth.data.subarray(1, 1 + length));
  if (!scheme || !isOfferedHash(scheme.hash)) return undefined;
  return { scheme, signature: auth.data.subarray(1 + length), bits: 0 };
}

/**
 * Verifies the peer's signature with each certificate for its identity that we trust, of those it sent and those that were loaded.
 * @param sent the certificates of its message
 */
export function verify(
  context: IkeContext,
  ikeSa: IkeSa,
  idBody: Uint8Array,
  auth: AuthPayload,
  sent: readonly Certificate[],
): VerifiedPeer | undefined {
  const { log, certificates: store, clock } = context;
  const read = readSignature(auth);
  if (!read) {
    log.log(LogGroup.IKE, 1, `${authMethodName(auth.method)} with an unknown or malformed signature algorithm`);
    return undefined;
  }
  const { scheme, signature, bits } = read;
  const id = ikeSa.remoteId!;
  const { otherInitRequest } = ikeSa.handshake!;
  // RFC 7296 section 3.6: the key to verify with is that of the first certificate.
  const candidates = [...sent.slice(0, 1).filter((each) => each.isFor(id)), ...store.certificatesFor(id)];
  const tried = new Set<string>();
  for (const certificate of candidates) {
    if (tried.has(certificate.fingerprint) || certificate.publicKey.kind !== scheme.kind) continue;
    tried.add(certificate.fingerprint);
    if (bits !== 0 && certificate.publicKey.bits !== bits) continue;
    const chain = trustedChain(context, certificate, sent.slice(1), clock.wallMs);
    if (!chain) continue;
    const inputs = [undefined, ...(otherInitRequest ? [otherInitRequest] : [])];
    const isRight = inputs.some((request) => {
      const octets = context.auth.octets(ikeSa.suite!, ikeSa.keys!, authInput(ikeSa, !ikeSa.isInitiator, idBody, request));
      const encoding = auth.method === AuthMethod.DS ? "der" : "ieee-p1363";
      return certificate.publicKey.key.verify(scheme, octets, signature, encoding);
    });
    if (isRight) return { chain, scheme };
    log.log(LogGroup.IKE, 1, "signature validation failed, looking for another key");
  }
  log.log(LogGroup.IKE, 1, `no trusted ${scheme.kind} public key found for '${id}'`);
  return undefined;
}

/** A certificate that was loaded is trusted by itself, as long as it is valid; any other needs a chain. */
function trustedChain(
  { certificates: store, log }: IkeContext,
  certificate: Certificate,
  untrusted: readonly Certificate[],
  nowMs: number,
): TrustChain | undefined {
  const isLoaded = store.byFingerprint(certificate.fingerprint) !== undefined;
  const isValid = certificate.notBefore <= nowMs && nowMs <= certificate.notAfter;
  if (!isLoaded || !isValid || hasIssuer()) return buildTrustChain(certificate, { store, log, nowMs, untrusted });
  log.log(LogGroup.CFG, 1, `  using trusted certificate "${certificate.subject}"`);
  return [certificate];

  function hasIssuer(): boolean {
    return !certificate.isSelfIssued && store.issuersOf(certificate).some((issuer) => store.isAuthority(issuer));
  }
}
