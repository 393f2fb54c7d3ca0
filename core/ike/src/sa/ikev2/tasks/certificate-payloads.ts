import { LogGroup } from "@cygnet/plugin-api";
import { CERTREQ_HASH_BYTES, CertEncoding, NotifyType, PayloadType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { Certificate, PgpKey } from "../../../credentials/index.js";
import type { AuthConfig } from "../../../config/index.js";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { makeReferencePayload, referenceTo } from "./certificate-reference.js";

/** Longest chain that we send along. */
const MAX_SENT = 8;

/** Whether a round proves itself with a key pair, or may. */
export const usesPublicKey = (round: AuthConfig | undefined): boolean => round?.auth === "pubkey" || round?.auth === "any";

/**
 * Asks for certificates of the authorities that we trust, RFC 7296 section 3.7; for those of the given rounds where they name some.
 * @param rounds what the peer is to prove itself with, where that is known
 */
export function addCertificateRequest(
  { certificates, log, options }: IkeContext,
  message: OutgoingMessage,
  rounds?: readonly AuthConfig[],
): void {
  const named = rounds?.flatMap(({ caNames }) => caNames) ?? [];
  const given = rounds?.flatMap(({ authorities }) => authorities) ?? [];
  const hashes: string[] = [];
  for (const { subject, publicKey, fingerprint } of certificates.authorities) {
    const isWanted = named.some((name) => subject.equals(name)) || given.some((ca) => ca.fingerprint === fingerprint);
    if (named.length + given.length > 0 && !isWanted) continue;
    if (hashes.includes(publicKey.keyId)) continue;
    hashes.push(publicKey.keyId);
    log.log(LogGroup.IKE, 1, `sending cert request for "${subject}"`);
  }
  if (hashes.length === 0) return;
  if (options.hash_and_url) message.addNotify(NotifyType.HTTP_CERT_LOOKUP_SUPPORTED);
  const data = new Uint8Array(Buffer.from(hashes.join(""), "hex"));
  message.add({ type: PayloadType.CERTREQ, encoding: CertEncoding.X509_SIGNATURE, data });
}

/** Notes whether the peer wants certificates of ours, and whether it would fetch them. */
export function noteCertificateRequests({ certificates, log }: IkeContext, ikeSa: IkeSa, message: Message): void {
  if (ikeSa.handshake && message.notify(NotifyType.HTTP_CERT_LOOKUP_SUPPORTED))
    ikeSa.handshake.isCertificateLookupSupported = true;
  let unknown = 0;
  for (const payload of message.payloads) {
    if (payload.type !== PayloadType.CERTREQ) continue;
    if (payload.encoding !== CertEncoding.X509_SIGNATURE) continue;
    if (ikeSa.handshake) ikeSa.handshake.isCertificateAsked = true;
    for (let at = 0; at < payload.data.length; at += CERTREQ_HASH_BYTES) {
      const keyId = Buffer.from(payload.data.subarray(at, at + CERTREQ_HASH_BYTES)).toString("hex");
      const authority = certificates.authorityByKeyId(keyId);
      if (authority) log.log(LogGroup.IKE, 1, `received cert request for "${authority.subject}"`);
      else unknown++;
    }
  }
  if (unknown > 0) log.log(LogGroup.IKE, 1, `received ${unknown} cert requests for an unknown ca`);
}

/** Sends an OpenPGP key of ours where the connection wants that without being asked: strongSwan neither sends nor asks for them. */
export function addPgpKey({ log }: IkeContext, ikeSa: IkeSa, message: OutgoingMessage, { subject, content }: PgpKey): void {
  if (ikeSa.peerConfig!.sendCertificates !== "always") return;
  log.log(LogGroup.IKE, 1, `sending end entity cert "${subject}"`);
  message.add({ type: PayloadType.CERT, encoding: CertEncoding.PGP, data: content.octets });
}

/** Sends a certificate of ours and the intermediates above it, if the peer is to have them. */
export function addCertificates(context: IkeContext, ikeSa: IkeSa, message: OutgoingMessage, own: Certificate): void {
  const { certificates, log } = context;
  const { sendCertificates } = ikeSa.peerConfig!;
  if (sendCertificates === "never") return;
  if (sendCertificates === "ifasked" && !ikeSa.handshake?.isCertificateAsked) return;
  const sent = [own];
  while (sent.length < MAX_SENT) {
    const last = sent.at(-1)!;
    if (last.isSelfIssued) break;
    const issuer = certificates.issuersOf(last).find((each) => certificates.isSignedBy(last, each));
    // The peer trusts roots by itself or not at all.
    if (!issuer || issuer.isSelfIssued || sent.includes(issuer)) break;
    sent.push(issuer);
  }
  const mayRefer = context.options.hash_and_url && ikeSa.handshake?.isCertificateLookupSupported === true;
  for (const certificate of sent) {
    const role = certificate === own ? "end entity" : "issuer";
    const reference = mayRefer ? referenceTo(certificate, certificates) : undefined;
    if (reference) log.log(LogGroup.IKE, 1, `sending hash-and-url "${reference.uri}"`);
    log.log(LogGroup.IKE, 1, `sending ${role} cert "${certificate.subject}"`);
    const plain = { type: PayloadType.CERT, encoding: CertEncoding.X509_SIGNATURE, data: certificate.der } as const;
    message.add(reference ? makeReferencePayload(reference) : plain);
  }
}
