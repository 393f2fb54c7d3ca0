import type {
  CertificateInfo,
  OcspResponseInfo,
  PgpKeyInfo,
  PublicKeyInfo,
  RawPublicKeyInfo,
  RevocationListInfo,
} from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import { Identification } from "../identity/index.js";
import type { StoredCertificate } from "./certificate-store.js";
import type { PgpKey } from "./pgp-key.js";
import { KeyUsage } from "./x509/index.js";
import type { Certificate, OcspResponse, PublicKey, RawPublicKey, RevocationList } from "./x509/index.js";

/** Extended key usages by OID, as strongSwan prints them, and in its order. */
const USAGES: Readonly<Record<string, string>> = {
  "1.3.6.1.5.5.7.3.1": "serverAuth",
  "1.3.6.1.5.5.7.3.2": "clientAuth",
  "1.3.6.1.5.5.8.2.2": "ikeIntermediate",
  "1.3.6.1.5.5.7.3.9": "ocspSigning",
  "1.3.6.1.4.1.311.20.2.2": "msSmartcardLogon",
};

/** What status output shows of a certificate. */
export function describeCertificate(
  { set, certificate, isTrusted, isOcspSigner = false }: StoredCertificate,
  hasPrivateKey: boolean,
): CertificateInfo {
  const { extensions } = certificate;
  return {
    set,
    der: certificate.der,
    fingerprint: certificate.fingerprint,
    subject: certificate.subject.toString(),
    subjectDer: Buffer.from(certificate.subject.data).toString("hex"),
    issuer: certificate.issuer.toString(),
    serial: certificate.serial,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    altNames: certificate.altNames.map(String),
    flags: flagsOf(certificate),
    pathLength: extensions.pathLength,
    crlUris: extensions.crlUris,
    ocspUris: extensions.ocspUris,
    authorityKeyId: extensions.authorityKeyId,
    subjectKeyId: extensions.subjectKeyId,
    publicKey: describeKey(certificate.publicKey),
    hasPrivateKey,
    isCa: certificate.isCa,
    isTrusted,
    isOcspSigner,
  };
}

export const describeKey = ({ kind, bits, keyId, subjectKeyId }: PublicKey): PublicKeyInfo => ({
  kind,
  bits,
  keyId,
  subjectKeyId,
});

export const describeRawKey = ({ set, key }: { readonly set: string; readonly key: RawPublicKey }): RawPublicKeyInfo => ({
  ...describeKey(key.publicKey),
  set,
  der: key.der,
  fingerprint: key.fingerprint,
});

export function describePgpKey({ set, key }: { readonly set: string; readonly key: PgpKey }, hasPrivateKey: boolean): PgpKeyInfo {
  const { subject, digest, content, publicKey, fingerprint } = key;
  return {
    set,
    fingerprint,
    subject: subject.toString(),
    subjectHex: Buffer.from(subject.data).toString("hex"),
    digestHex: Buffer.from(digest.data).toString("hex"),
    digest: digest.toString(),
    created: content.created,
    until: content.until,
    publicKey: describeKey(publicKey),
    hasPrivateKey,
  };
}

export function describeList(set: string, list: RevocationList): RevocationListInfo {
  return {
    set,
    der: list.der,
    issuer: list.issuer.toString(),
    thisUpdate: list.thisUpdate,
    nextUpdate: list.nextUpdate,
    number: list.number,
    baseNumber: list.baseNumber,
    authorityKeyId: list.authorityKeyId,
    revoked: [...list.revoked].map(([serial, { at, reason }]) => ({ serial, at, reason })),
  };
}

export function describeResponse({ der, responderName, responderKey, producedAt, answers }: OcspResponse): OcspResponseInfo {
  return {
    der,
    responder: responderName ? Identification.fromWire(IdType.ID_DER_ASN1_DN, responderName).toString() : responderKey!,
    producedAt,
    nextUpdate: answers[0]?.nextUpdate,
  };
}

function flagsOf(certificate: Certificate): string[] {
  const { extendedKeyUsage, keyUsage = 0 } = certificate.extensions;
  return [
    ...(certificate.isCa ? ["CA"] : []),
    ...(keyUsage & KeyUsage.CRL_SIGN ? ["CRLSign"] : []),
    ...Object.entries(USAGES).flatMap(([oid, name]) => (extendedKeyUsage.includes(oid) ? [name] : [])),
    ...(certificate.isSignedBy(certificate.publicKey) ? ["self-signed"] : []),
  ];
}
