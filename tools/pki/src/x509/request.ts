import {
  EXTENSION,
  Extensions,
  children,
  integer,
  isTagged,
  objectIdentifier,
  octetsOf,
  oidOf,
  parseDer,
  sequence,
  set,
  spkiOf,
  string,
  tagged,
  toDer,
} from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { PkiError, attempt } from "../pki-error.js";
import { extension } from "./extension.js";
import { isSignatureOf } from "./signature-algorithm.js";
import type { Signer } from "./signature-algorithm.js";
import { signed, signedParts } from "./signed.js";

/** What somebody wants to have certified. */
export interface RequestContent {
  readonly subject: Der;
  /** GeneralNames. */
  readonly altNames: readonly Der[];
  /** The kind of certificate, by whatever names an authority has for them. */
  readonly profile: string | undefined;
  readonly challengePassword: string | undefined;
}

/** A request with the key that signed it. */
export interface CertificateRequest extends RequestContent {
  readonly publicKey: KeyObject;
}

/** Attributes, RFC 2985 sections 5.4.1 and 5.4.2. */
const CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7";
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
/** Microsoft's enrolment certificate type, where profiles are. */
const PROFILE = "1.3.6.1.4.1.311.20.2";
const VERSION_1 = 0;

/** A request in DER (PKCS#10), RFC 2986 section 4. @throws {PkiError} */
export function makeRequest(content: RequestContent, key: KeyObject, signer: Signer): Buffer {
  const { subject, altNames, profile, challengePassword } = content;
  const extensions = [
    ...(altNames.length === 0 ? [] : [extension(EXTENSION.SUBJECT_ALT_NAME, sequence(...altNames))]),
    ...(profile === undefined ? [] : [extension(PROFILE, string("utf8", profile))]),
  ];
  const attributes = [
    ...(extensions.length === 0 ? [] : [attribute(EXTENSION_REQUEST, sequence(...extensions))]),
    ...(challengePassword === undefined ? [] : [attribute(CHALLENGE_PASSWORD, string("utf8", challengePassword))]),
  ];
  return signed(sequence(integer(VERSION_1), subject, parseDer(spkiOf(key)), tagged(0, attributes)), signer);
}

/** Reads a request and checks that its key signed it. @throws {PkiError} */
export function readRequest(octets: Buffer, what: string): CertificateRequest {
  return attempt(`${what} is no certificate request`, () => {
    const { toBeSigned, algorithm, signature } = signedParts(octets);
    const [, subject, spki, attributes] = children(toBeSigned) as [Der, Der, Der, Der | undefined];
    const publicKey = createPublicKey({ key: toDer(spki), format: "der", type: "spki" });
    if (!isSignatureOf(publicKey, algorithm, toDer(toBeSigned), signature))
      throw new PkiError(`${what}: the signature is not that of its key`);
    const values = new Map(attributesOf(attributes));
    const extensions = Extensions.read(values.get(EXTENSION_REQUEST));
    const names = extensions.get(EXTENSION.SUBJECT_ALT_NAME);
    return {
      subject,
      publicKey,
      altNames: names === undefined ? [] : children(names),
      profile: textOf(extensions.get(PROFILE)),
      challengePassword: textOf(values.get(CHALLENGE_PASSWORD)),
    };
  });
}

function attribute(oid: string, value: Der): Der {
  return sequence(objectIdentifier(oid), set(value));
}

function attributesOf(attributes: Der | undefined): (readonly [oid: string, value: Der])[] {
  if (!isTagged(attributes, 0)) return [];
  return children(attributes).flatMap((each) => {
    const [type, values] = children(each) as [Der, Der];
    const value = children(values)[0];
    return value === undefined ? [] : [[oidOf(type), value] as const];
  });
}

function textOf(value: Der | undefined): string | undefined {
  return value && octetsOf(value).toString("utf8");
}
