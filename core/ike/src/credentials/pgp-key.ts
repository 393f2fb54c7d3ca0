import type { KeyProvider, PgpCertificate } from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import { Identification } from "../identity/index.js";
import { readPublicKey } from "./x509/keys.js";
import type { PublicKey } from "./x509/keys.js";

/** An OpenPGP key, which is trusted where it was loaded: nobody vouches for it. Immutable. */
export class PgpKey {
  readonly publicKey: PublicKey;
  /** Its user id. */
  readonly subject: Identification;
  /** Its OpenPGP fingerprint. */
  readonly digest: Identification;
  /** SHA-256 of its packets in hex, its name within the daemon, as certificates have one. */
  readonly fingerprint: string;

  /** @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY */
  constructor(
    readonly content: PgpCertificate,
    keys: KeyProvider,
  ) {
    this.publicKey = readPublicKey(content.publicKey, keys, "OpenPGP key");
    this.subject = Identification.fromWire(IdType.ID_KEY_ID, content.userId);
    this.digest = Identification.fromWire(IdType.ID_KEY_ID, content.digest);
    this.fingerprint = keys.fingerprint("sha256", content.octets);
  }

  /** Whether an identity is its user id or its fingerprint. */
  isFor(id: Identification): boolean {
    return this.subject.equals(id) || this.digest.equals(id);
  }

  isValidAt(ms: number): boolean {
    const { created, until } = this.content;
    return created <= ms && (until === undefined || ms <= until);
  }
}
