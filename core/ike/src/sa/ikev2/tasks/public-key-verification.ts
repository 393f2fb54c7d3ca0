import { LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { AuthMethod, authMethodName } from "@cygnet/wire";
import type { AuthPayload } from "@cygnet/wire";
import {
  Certificate,
  NO_ATTEMPTS,
  PgpKey,
  RawPublicKey,
  buildTrustChain,
  checkRevocation,
  gatherStatus,
  printTime,
  schemeOf,
} from "../../../credentials/index.js";
import type {
  CertificateStatus,
  CertificateWatcher,
  PublicKey,
  SignatureScheme,
  StatusAttempts,
  TrustChain,
} from "../../../credentials/index.js";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import { isOfferedHash } from "../signature-hashes.js";
import { authInput } from "./auth-input.js";
import { schemeOfMethod } from "./signature-choice.js";

/** What a peer has proved: that it holds this key, of the first certificate of the chain. */
export interface VerifiedPeer {
  readonly publicKey: PublicKey;
  /** Of the certificate, or of a key that is trusted without one. */
  readonly fingerprint: string;
  /** Empty for a key without a certificate. */
  readonly chain: TrustChain;
  /** It says nothing of whom it is of: it counts for connections that name it. */
  readonly isNameless: boolean;
  readonly scheme: SignatureScheme;
  /** Of the worst of the chain; none was revoked. */
  readonly status: CertificateStatus;
}

/** What a peer says of itself. */
export interface PeerProof {
  readonly idBody: Uint8Array;
  readonly auth: AuthPayload;
  /** The certificates of its message. */
  readonly certificates: readonly Certificate[];
  /** Fingerprints of what the connections that come into question name. */
  readonly named: readonly string[];
}

/** A key that may have made the signature. */
type Candidate = Certificate | PgpKey | RawPublicKey;

/** A signature as it is in an AUTH payload. */
interface Signature {
  readonly scheme: SignatureScheme;
  readonly octets: Uint8Array;
  /** Size that the key must have, 0 for any. */
  readonly bits: number;
}

/**
 * Verifies a peer's signature with each certificate for its identity that we trust, of those it sent and those that were loaded, until one is
 * right and was not revoked.
 */
export class PublicKeyVerification {
  readonly #signature: Signature | undefined;
  readonly #candidates: readonly Candidate[];

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
    private readonly proof: PeerProof,
  ) {
    const { auth, certificates: sent, named } = proof;
    const { certificates: store } = context;
    const id = ikeSa.remoteId!;
    this.#signature = readSignature(auth);
    // RFC 7296 section 3.6: the key to verify with is that of the first certificate.
    const first = sent.slice(0, 1).filter((each) => each.isFor(id));
    const raw = named.flatMap((fingerprint) => store.publicKeyByFingerprint(fingerprint) ?? []);
    const all: Candidate[] = [...first, ...store.certificatesFor(id), ...store.pgpKeysFor(id), ...raw];
    this.#candidates = all.filter((each, i) => all.findIndex(({ fingerprint }) => fingerprint === each.fingerprint) === i);
  }

  /** @param conclude gets what the peer has proved, undefined for nothing, perhaps after something was fetched */
  run<R>(conclude: (verified: VerifiedPeer | undefined) => MaybePromise<R>): MaybePromise<R> {
    if (!this.#signature) {
      const { method } = this.proof.auth;
      this.#say(LogGroup.IKE, `${authMethodName(method)} with an unknown or malformed signature algorithm`);
      return conclude(undefined);
    }
    return this.#tryFrom(0, this.#signature, conclude);
  }

  #tryFrom<R>(
    first: number,
    signature: Signature,
    conclude: (verified: VerifiedPeer | undefined) => MaybePromise<R>,
  ): MaybePromise<R> {
    const { scheme } = signature;
    for (let at = first; at < this.#candidates.length; at++) {
      const candidate = this.#candidates[at]!;
      const { publicKey, fingerprint } = candidate;
      const chain = this.#provedChain(candidate, signature);
      if (!chain) continue;
      const next = (status: CertificateStatus): MaybePromise<R> =>
        status === "revoked"
          ? this.#tryFrom(at + 1, signature, conclude)
          : conclude({ publicKey, fingerprint, chain, isNameless: candidate instanceof RawPublicKey, scheme, status });
      return this.#withStatus(chain, next);
    }
    this.#say(LogGroup.IKE, `no trusted ${scheme.kind} public key found for '${this.ikeSa.remoteId}'`);
    return conclude(undefined);
  }

  /** The chain of a certificate that we trust and whose key made the signature, empty for a key without a certificate. */
  #provedChain(candidate: Candidate, { scheme, octets: signature, bits }: Signature): TrustChain | undefined {
    const { context, ikeSa, proof } = this;
    const { publicKey } = candidate;
    if (publicKey.kind !== scheme.kind || (bits !== 0 && publicKey.bits !== bits)) return undefined;
    const chain =
      candidate instanceof Certificate
        ? trustedChain(context, candidate, proof.certificates.slice(1), certificateWatcher(context, ikeSa))
        : this.#trustedKey(candidate);
    if (!chain) return undefined;
    const { otherInitRequest } = ikeSa.handshake!;
    const inputs = [undefined, ...(otherInitRequest ? [otherInitRequest] : [])];
    const isRight = inputs.some((request) => {
      const input = authInput(ikeSa, !ikeSa.isInitiator, proof.idBody, request);
      const signed = context.auth.octets(ikeSa.suite!, ikeSa.keys!, input);
      return publicKey.key.verify(scheme, signed, signature, proof.auth.method === AuthMethod.DS ? "der" : "ieee-p1363");
    });
    if (isRight) return chain;
    this.#say(LogGroup.IKE, "signature validation failed, looking for another key");
    return undefined;
  }

  /** A key that a connection names, and an OpenPGP key that is valid, need nobody to vouch for them. */
  #trustedKey(key: PgpKey | RawPublicKey): TrustChain | undefined {
    const isPgp = key instanceof PgpKey;
    this.#say(LogGroup.CFG, `  using trusted certificate "${isPgp ? key.subject : this.ikeSa.remoteId}"`);
    if (!isPgp || key.isValidAt(this.context.clock.wallMs)) return [];
    const { created, until } = key.content;
    const end = until === undefined ? "ever" : printTime(until);
    this.#say(LogGroup.CFG, `subject certificate invalid (valid from ${printTime(created)} to ${end})`);
    return undefined;
  }

  /** Finds the status of a chain out, once what is missing for it was fetched. */
  #withStatus<R>(chain: TrustChain, next: (status: CertificateStatus) => MaybePromise<R>): MaybePromise<R> {
    const { certificates: store, clock, control, log, manager, revocation } = this.context;
    const { policy } = revocation;
    // Nobody says anything of a key without a certificate, nor of a certificate whose issuer is not known.
    if (!policy || chain.length < 2) return next("unavailable");
    const sources = { store, policy, nowMs: clock.wallMs };
    const check = (attempts: StatusAttempts): MaybePromise<R> =>
      next(
        checkRevocation(chain, {
          store,
          policy,
          log,
          attempts,
          nowMs: clock.wallMs,
          onFault: certificateWatcher(this.context, this.ikeSa),
        }),
      );
    const pending = gatherStatus(chain, sources, (question) => control.fetchStatus(question));
    return pending ? manager.whenSettled(this.ikeSa, pending, check) : check(NO_ATTEMPTS);
  }

  #say(group: LogGroup, message: string): void {
    this.context.log.log(group, 1, message);
  }
}

/** Has listeners told what is amiss with certificates, undefined where nobody listens. */
export function certificateWatcher({ bus }: IkeContext, ikeSa: IkeSa): CertificateWatcher | undefined {
  if (!bus.wants("alert")) return undefined;
  return (alert, { subject, der }) => bus.alert(ikeSa, { alert, subject: String(subject), der });
}

/** How an AUTH payload says that it is signed, undefined where that cannot be read. */
function readSignature(auth: AuthPayload): Signature | undefined {
  if (auth.method !== AuthMethod.DS) {
    const found = schemeOfMethod(auth.method);
    return found && { ...found, octets: auth.data };
  }
  const length = auth.data[0] ?? 0;
  if (auth.data.length <= 1 + length) return undefined;
  const scheme = schemeOf(auth.data.subarray(1, 1 + length));
  if (!scheme || !isOfferedHash(scheme.hash)) return undefined;
  return { scheme, octets: auth.data.subarray(1 + length), bits: 0 };
}

/** A certificate that was loaded is trusted by itself, as long as it is valid and nothing is wrong with whoever issued it; any other needs a chain. */
function trustedChain(
  { certificates: store, clock, log, options }: IkeContext,
  certificate: Certificate,
  untrusted: readonly Certificate[],
  onFault: CertificateWatcher | undefined,
): TrustChain | undefined {
  const isTrusted = store.byFingerprint(certificate.fingerprint) !== undefined;
  const ignoresCritical = !options["x509.enforce_critical"];
  return buildTrustChain(certificate, { store, log, nowMs: clock.wallMs, untrusted, isTrusted, ignoresCritical, onFault });
}
