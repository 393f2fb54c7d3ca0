import {
  children,
  integer,
  isTagged,
  nullValue,
  objectIdentifier,
  octetString,
  octetsOf,
  oidOf,
  parseDer,
  sequence,
  set,
  tagged,
  time,
  timeOf,
  toDer,
} from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { X509Certificate, createHash } from "node:crypto";
import { CONTENT, contentInfo, contentInfoOf, contentOctets, issuerAndSerial } from "./content-info.js";
import { digestOf, isSignatureOf, rsaAlgorithm, digestOid } from "./signature-algorithm.js";
import type { Digest, Signer } from "./signature-algorithm.js";

const ATTRIBUTE = {
  CONTENT_TYPE: "1.2.840.113549.1.9.3",
  MESSAGE_DIGEST: "1.2.840.113549.1.9.4",
  SIGNING_TIME: "1.2.840.113549.1.9.5",
} as const;
const RSA = "1.2.840.113549.1.1.1";
const DIGEST: Digest = "sha256";
/** Of SignedData and SignerInfo that name signers by issuer and serial number. */
const VERSION = 1;

/** SignedData, RFC 5652 section 5. */
export interface SignedData {
  /** What is signed; undefined where it is elsewhere, or only certificates are carried. */
  readonly content: Buffer | undefined;
  readonly contentType: string;
  /** In DER. */
  readonly certificates: readonly Buffer[];
  readonly signers: readonly Der[];
}

/** A signature that is right. */
export interface Signature {
  /** In DER. */
  readonly certificate: Buffer;
  readonly at: Date | undefined;
}

/** @throws {Error} for what is none */
export function readSignedData(value: Der | undefined): SignedData {
  const fields = [...children(value)];
  const info = contentInfoOf(fields[2]);
  const list = fields.find((field) => isTagged(field, 0));
  // Other things than X.509 certificates have a tag.
  const certificates = list === undefined ? [] : children(list).filter((each) => each.tagClass === 0);
  return {
    content: info.content === undefined ? undefined : contentOctets(info.content),
    contentType: info.type,
    certificates: certificates.map(toDer),
    signers: children(fields.at(-1)),
  };
}

/** Data with a signature and its certificate. @param certificate DER @throws {PkiError} */
export function makeSignedData(data: Buffer, certificate: Buffer, signer: Signer, at: Date): Buffer {
  const attribute = (type: string, value: Der): Der => sequence(objectIdentifier(type), set(value));
  // DER has the elements of a SET in the order of their octets, which these are in.
  const attributes = [
    attribute(ATTRIBUTE.CONTENT_TYPE, objectIdentifier(CONTENT.DATA)),
    attribute(ATTRIBUTE.SIGNING_TIME, time(at)),
    attribute(ATTRIBUTE.MESSAGE_DIGEST, octetString(createHash(DIGEST).update(data).digest())),
  ];
  const digest = (): Der => sequence(objectIdentifier(digestOid(DIGEST)), nullValue());
  const signerInfo = sequence(
    integer(VERSION),
    issuerAndSerial(certificate),
    digest(),
    tagged(0, attributes),
    keyAlgorithm(signer),
    octetString(signer.sign(toDer(set(...attributes)))),
  );
  const content = sequence(
    integer(VERSION),
    set(digest()),
    contentInfo(CONTENT.DATA, octetString(data)),
    tagged(0, [parseDer(certificate)]),
    set(signerInfo),
  );
  return toDer(contentInfo(CONTENT.SIGNED_DATA, content));
}

/** Of an RSA key, that of the key alone, as others write it: strongSwan verifies nothing else. */
function keyAlgorithm({ algorithm }: Signer): Der {
  const isRsa = toDer(algorithm).equals(toDer(rsaAlgorithm(DIGEST)));
  return isRsa ? sequence(objectIdentifier(RSA), nullValue()) : algorithm;
}

/**
 * The signatures that are right, of signers whose certificate is there.
 * @param known certificates in DER, beside those in the data
 * @throws {Error} for a signer that is malformed
 */
export function rightSignatures(data: SignedData, known: readonly Buffer[]): Signature[] {
  const { content } = data;
  return content === undefined ? [] : data.signers.flatMap((signer) => verified(signer, content, data, known) ?? []);
}

function verified(signer: Der, content: Buffer, data: SignedData, known: readonly Buffer[]): Signature | undefined {
  const fields = [...children(signer)];
  const name = toDer(fields[1]);
  const certificate = [...data.certificates, ...known].find((each) => toDer(issuerAndSerial(each)).equals(name));
  const digest = digestOf(oidOf(children(fields[2])[0]));
  if (certificate === undefined || digest === undefined) return undefined;
  const attributes = isTagged(fields[3], 0) ? children(fields.splice(3, 1)[0]) : undefined;
  const [, , , algorithm, signature] = fields;
  const hash = createHash(digest.replace("_", "-")).update(content).digest();
  if (attributes !== undefined && !isAttributed(attributes, data.contentType, hash)) return undefined;
  // With attributes it is these that are signed, as a SET of their own (section 5.4).
  const octets = attributes === undefined ? content : toDer(set(...attributes));
  const { publicKey } = new X509Certificate(certificate);
  // The digest stands beside it where the algorithm is that of the key only.
  const scheme = oidOf(children(algorithm)[0]) === RSA ? rsaAlgorithm(digest) : algorithm!;
  if (!isSignatureOf(publicKey, scheme, octets, octetsOf(signature))) return undefined;
  const at = attributes && attributeOf(attributes, ATTRIBUTE.SIGNING_TIME);
  return { certificate, at: at && timeOf(at) };
}

/** Whether attributes are those of this content. */
function isAttributed(attributes: readonly Der[], type: string, hash: Buffer): boolean {
  const digest = attributeOf(attributes, ATTRIBUTE.MESSAGE_DIGEST);
  const contentType = attributeOf(attributes, ATTRIBUTE.CONTENT_TYPE);
  return digest !== undefined && contentType !== undefined && octetsOf(digest).equals(hash) && oidOf(contentType) === type;
}

function attributeOf(attributes: readonly Der[], type: string): Der | undefined {
  const found = attributes.find((each) => oidOf(children(each)[0]) === type);
  return found && children(children(found)[1])[0];
}
