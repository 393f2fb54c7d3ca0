import type { KeyKind, SignatureParameters } from "@cygnet/plugin-api";
import { Tag, der, oid } from "./der.js";

/** Hashes that certificates are signed with. */
export type Digest = "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** How a certificate is signed. */
export interface SignatureAlgorithm {
  /** AlgorithmIdentifier. */
  readonly identifier: Uint8Array;
  readonly parameters: SignatureParameters;
}

/** What strongSwan signs with if not told otherwise. */
export const DEFAULT_DIGEST: Digest = "sha1";

/** RFC 4055 section 5. */
const WITH_RSA: Readonly<Record<Digest, string>> = {
  sha1: "1.2.840.113549.1.1.5",
  sha224: "1.2.840.113549.1.1.14",
  sha256: "1.2.840.113549.1.1.11",
  sha384: "1.2.840.113549.1.1.12",
  sha512: "1.2.840.113549.1.1.13",
};
/** RFC 5758 section 3.2. */
const WITH_ECDSA: Readonly<Record<Digest, string>> = {
  sha1: "1.2.840.10045.4.1",
  sha224: "1.2.840.10045.4.3.1",
  sha256: "1.2.840.10045.4.3.2",
  sha384: "1.2.840.10045.4.3.3",
  sha512: "1.2.840.10045.4.3.4",
};
/** RFC 8410 section 3; their hashes are their own. */
const EDWARDS = { ED25519: "1.3.101.112", ED448: "1.3.101.113" } as const;

/** The hash of this name, in whatever case; undefined for others. */
export function digestOf(text: string): Digest | undefined {
  const found = text.toLowerCase();
  return Object.hasOwn(WITH_RSA, found) ? (found as Digest) : undefined;
}

/** How a key of this kind signs with a hash. */
export function signatureAlgorithm(kind: KeyKind, digest: Digest): SignatureAlgorithm {
  switch (kind) {
    case "RSA":
      return {
        identifier: der(Tag.SEQUENCE, oid(WITH_RSA[digest]), der(Tag.NULL)),
        parameters: { digest, saltBytes: 0 },
      };
    case "ECDSA":
      return { identifier: der(Tag.SEQUENCE, oid(WITH_ECDSA[digest])), parameters: { digest, saltBytes: 0 } };
    default:
      return { identifier: der(Tag.SEQUENCE, oid(EDWARDS[kind])), parameters: { digest: undefined, saltBytes: 0 } };
  }
}
