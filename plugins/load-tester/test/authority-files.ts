import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyKind, KeyProvider, SigningKey } from "@cygnet/plugin-api";
import { extension, signCertificate } from "../src/certificates/certificate.js";
import { Tag, der, name } from "../src/certificates/der.js";
import { signatureAlgorithm } from "../src/certificates/signature-algorithm.js";
import { LoadTestPair } from "./certificate-pair.js";

const DAY_MS = 24 * 60 * 60 * 1000;

/** An authority in files, certificate and key, for `issuer_cert` and `issuer_key`. */
export interface AuthorityFiles {
  readonly cert: string;
  readonly key: string;
}

/** What an authority is like. */
export interface AuthorityRequest {
  readonly folder: string;
  readonly name: string;
  readonly kind?: KeyKind;
  readonly isCa?: boolean;
  readonly keys: KeyProvider;
  /** Self-signed otherwise. */
  readonly issuer?: { readonly name: string; readonly key: SigningKey };
}

const generate = (kind: KeyKind) => {
  switch (kind) {
    case "RSA":
      return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    case "ECDSA":
      return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
    case "ED25519":
      return generateKeyPairSync("ed25519").privateKey;
    case "ED448":
      return generateKeyPairSync("ed448").privateKey;
  }
};

/** Makes an authority with a key of its own. */
export async function makeAuthority(request: AuthorityRequest): Promise<AuthorityFiles & { readonly signing: SigningKey }> {
  const { folder, kind = "RSA", isCa = true, keys, issuer } = request;
  const pem = generate(kind).export({ type: "pkcs8", format: "pem" }) as string;
  const signing = keys.privateKey(Buffer.from(pem))!;
  const subject = dn(request.name);
  const signer = issuer?.key ?? signing;
  const content = {
    serial: 1,
    issuer: issuer ? dn(issuer.name) : subject,
    subject,
    notBefore: LoadTestPair.NOW - 30 * DAY_MS,
    notAfter: LoadTestPair.NOW + 30 * DAY_MS,
    publicKey: signing.publicKey,
    extensions: isCa ? [extension("2.5.29.19", der(Tag.SEQUENCE, der(0x01, Uint8Array.of(0xff))), true)] : [],
  };
  const certificate = await signCertificate(signer, signatureAlgorithm(signer.kind, "sha256"), content);
  const files = { cert: join(folder, `${request.name}.crt`), key: join(folder, `${request.name}.key`) };
  writeFileSync(files.cert, certificate);
  writeFileSync(files.key, pem);
  return { ...files, signing };
}

const dn = (text: string): Uint8Array => name(["2.5.4.3", der(Tag.UTF8_STRING, Buffer.from(text))]);
