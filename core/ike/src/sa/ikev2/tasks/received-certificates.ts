import { CygnetError, LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { CertEncoding, PayloadType, certEncodingName } from "@cygnet/wire";
import type { CertPayload, Message } from "@cygnet/wire";
import { Certificate } from "../../../credentials/index.js";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import { readReference } from "./certificate-reference.js";
import type { CertificateReference } from "./certificate-reference.js";

/** More than any honest peer sends; each costs us the parsing. */
const MAX_CERTIFICATES = 16;
/** How long a certificate that is elsewhere is waited for. */
const FETCH_TIMEOUT_MS = 10_000;

/**
 * The X.509 certificates of a message, the end entity's first (RFC 7296 section 3.6), with those that are elsewhere fetched. Nothing of them is
 * verified yet.
 * @param next is called at once where none has to be fetched
 */
export function withCertificates<R>(
  context: IkeContext,
  ikeSa: IkeSa,
  message: Message,
  next: (certificates: readonly Certificate[]) => MaybePromise<R>,
): MaybePromise<R> {
  const received = readAll(context, message);
  if (received.every((each) => each instanceof Certificate)) return next(received);
  const fetched = Promise.all(
    received.map(async (each) => {
      if (each instanceof Certificate) return { certificate: each };
      return { reference: each, octets: await context.control.fetchCertificate(each.uri, FETCH_TIMEOUT_MS) };
    }),
  );
  return context.manager.whenSettled(ikeSa, fetched, (all) =>
    next(all.flatMap((each) => each.certificate ?? take(context, each.reference, each.octets) ?? [])),
  );
}

function readAll(context: IkeContext, message: Message): (Certificate | CertificateReference)[] {
  const { log } = context;
  const all: (Certificate | CertificateReference)[] = [];
  for (const payload of message.payloads) {
    if (payload.type !== PayloadType.CERT) continue;
    if (all.length >= MAX_CERTIFICATES) {
      log.log(LogGroup.IKE, 1, `ignoring certificates beyond the first ${MAX_CERTIFICATES}`);
      break;
    }
    const found = readOne(context, payload, all.length === 0 ? "end entity" : "issuer");
    if (found) all.push(found);
  }
  return all;
}

function readOne(
  context: IkeContext,
  payload: CertPayload,
  role: "end entity" | "issuer",
): Certificate | CertificateReference | undefined {
  const { certificates, log, options } = context;
  switch (payload.encoding) {
    case CertEncoding.X509_SIGNATURE: {
      const certificate = parse(context, payload.data);
      if (certificate) log.log(LogGroup.IKE, 1, `received ${role} cert "${certificate.subject}"`);
      return certificate;
    }
    case CertEncoding.X509_HASH_AND_URL: {
      const reference = readReference(payload);
      if (!reference) log.log(LogGroup.IKE, 1, "ignoring a hash-and-url that leads nowhere");
      else log.log(LogGroup.IKE, 1, `received hash-and-url for ${role} cert "${reference.uri}"`);
      if (reference && !options.hash_and_url) {
        log.log(LogGroup.IKE, 1, "hash-and-url lookup is not enabled, ignoring it");
        return undefined;
      }
      return reference;
    }
    case CertEncoding.PGP: {
      // It is trusted where it was loaded, and then it is here already.
      const known = certificates.pgpKeyOf(payload.data);
      log.log(
        LogGroup.IKE,
        1,
        known ? `received ${role} cert "${known.subject}"` : "ignoring a PGP certificate that was not loaded",
      );
      return undefined;
    }
    default:
      log.log(LogGroup.IKE, 1, `certificate encoding ${certEncodingName(payload.encoding)} not supported`);
      return undefined;
  }
}

function take(context: IkeContext, { uri, hash }: CertificateReference, octets: Uint8Array | undefined): Certificate | undefined {
  const { log, certificates: store } = context;
  log.log(LogGroup.CFG, 1, `  fetching certificate from '${uri}' ...`);
  if (!octets || store.sha1(octets) !== hash) {
    log.log(LogGroup.CFG, 1, octets ? "  fetched certificate does not match its hash" : "  fetching certificate failed");
    return undefined;
  }
  const certificate = parse(context, octets);
  if (certificate) log.log(LogGroup.CFG, 1, `  fetched certificate "${certificate.subject}"`);
  return certificate;
}

function parse({ certificates: store, log }: IkeContext, octets: Uint8Array): Certificate | undefined {
  try {
    return store.read(octets);
  } catch (error) {
    if (!(error instanceof CygnetError)) throw error;
    log.log(LogGroup.IKE, 1, `ignoring received certificate: ${error.message}`);
    return undefined;
  }
}
