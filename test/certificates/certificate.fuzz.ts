import { CertificateStore, OcspResponse, PgpKey, RevocationList, buildTrustChain } from "@cygnet/ike";
import type { Certificate } from "@cygnet/ike";
import { DefinitionError } from "@cygnet/plugin-api";
import type { KeyProvider, Logger } from "@cygnet/plugin-api";
import { readPgpCertificate, readPgpPrivateKey } from "@cygnet/plugin-pgp";
import { Random, mutate } from "../../core/wire/fuzz/mutate.js";

/** How the inputs of a run ended. */
export interface FuzzReport {
  inputs: number;
  /** Inputs that were read. */
  values: number;
  /** How often each error code came. */
  readonly errors: Map<string, number>;
}

/** An input on which a reader did something else than give a value or its typed error. */
export class FuzzFailure extends Error {
  constructor(octets: Uint8Array, cause: unknown) {
    super(`fuzz input ${Buffer.from(octets).toString("hex")}`, { cause });
  }
}

/** Room for what a splice adds to the longest seed. */
const GROWTH = 256;

/** Mutates seeds in turn and hands them to a target, which throws a DefinitionError for what it refuses. */
export function fuzz(
  seeds: readonly Uint8Array[],
  count: number,
  seed: number,
  target: (octets: Uint8Array) => void,
): FuzzReport {
  const random = new Random(seed);
  const report: FuzzReport = { inputs: 0, values: 0, errors: new Map() };
  const buffer = new Uint8Array(Math.max(...seeds.map(({ length }) => length)) + GROWTH);
  for (; report.inputs < count; report.inputs++) {
    const from = seeds[report.inputs % seeds.length]!;
    buffer.set(from);
    const octets = buffer.subarray(0, mutate(random, buffer, from.length, seeds[random.below(seeds.length)]!));
    try {
      target(octets);
      report.values++;
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw new FuzzFailure(octets, error);
      report.errors.set(error.code, (report.errors.get(error.code) ?? 0) + 1);
    }
  }
  return report;
}

/** What certificates are tried with. */
export interface Surroundings {
  readonly keys: KeyProvider;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** An authority that we trust. */
  readonly root: Uint8Array;
  /** Certificates below other authorities of the seeds, whose key and name many mutations leave as they are. */
  readonly below: readonly Uint8Array[];
}

/**
 * The target for certificates: they are read, printed, taken for the peer's own below an authority that we trust, and for an authority
 * itself, whose constraints are then held against what it has issued.
 */
export function certificateTarget({ keys, log, nowMs, root, below }: Surroundings): (octets: Uint8Array) => void {
  const store = new CertificateStore(() => keys);
  store.apply({ op: "certificate", set: "cacerts", der: root, isTrusted: true });
  const issued = below.map((der) => store.read(der));
  return (octets) => {
    const certificate = store.read(octets);
    print(certificate);
    buildTrustChain(certificate, { store, log, nowMs, untrusted: [certificate] });
    store.apply({ op: "certificate", set: "fuzz", der: octets, isTrusted: true });
    for (const each of issued) buildTrustChain(each, { store, log, nowMs, untrusted: [] });
    store.apply({ op: "remove", set: "fuzz" });
  };
}

/** The target for revocation lists: they are read, and their signature is checked with an authority's key. */
export function listTarget(authority: Certificate): (octets: Uint8Array) => void {
  return (octets) => {
    const list = new RevocationList(octets);
    list.issuer.toString();
    list.appliesTo(list);
    if (list.isSignedBy(authority) && Buffer.compare(list.der, octets) !== 0) throw new Error("the list is not what was read");
  };
}

/** The target for OCSP responses: they are read, and it is found out who signed them. What nobody signed must say nothing. */
export function responseTarget(
  { keys, nowMs }: Pick<Surroundings, "keys" | "nowMs">,
  [certificate, issuer]: readonly [Certificate, Certificate],
): (octets: Uint8Array) => void {
  return (octets) => {
    const response = new OcspResponse(octets, keys);
    response.signer(issuer, [], nowMs);
    response.answerFor(certificate, issuer, keys);
  };
}

/** The target for OpenPGP keys: they are read, and what is read becomes a key of the store. */
export function pgpTarget(keys: KeyProvider): (octets: Uint8Array) => void {
  return (octets) => {
    const { subject, digest } = new PgpKey(readPgpCertificate(octets), keys);
    for (const name of [subject, digest]) name.toString();
  };
}

/** The target for secret OpenPGP keys. */
export function pgpSecretTarget(keys: KeyProvider, passphrase: Uint8Array): (octets: Uint8Array) => void {
  return (octets) => {
    const pkcs8 = readPgpPrivateKey(octets, passphrase);
    if (!keys.privateKey(pkcs8)) throw new Error("what was read is no key");
  };
}

function print({ subject, issuer, altNames }: Certificate): void {
  for (const name of [subject, issuer, ...altNames]) name.toString();
}
