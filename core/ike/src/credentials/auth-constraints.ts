import type { KeyKind } from "@cygnet/plugin-api";
import { DefinitionError } from "@cygnet/plugin-api";
import { HashAlgorithm } from "@cygnet/wire";
import type { PublicKey, SignatureScheme } from "./x509/index.js";

const KINDS: Readonly<Record<string, KeyKind | "pubkey">> = {
  rsa: "RSA",
  ecdsa: "ECDSA",
  ed25519: "ED25519",
  ed448: "ED448",
  pubkey: "pubkey",
};

const HASHES: Readonly<Record<string, HashAlgorithm>> = {
  sha1: HashAlgorithm.SHA1,
  sha256: HashAlgorithm.SHA256,
  sha384: HashAlgorithm.SHA384,
  sha512: HashAlgorithm.SHA512,
  identity: HashAlgorithm.IDENTITY,
};

interface Accepted {
  readonly kind: KeyKind | "pubkey";
  readonly isPss: boolean | undefined;
  readonly hashes: Set<HashAlgorithm>;
}

/**
 * Which keys and signatures an authentication may use: `rsa-2048-sha256-ecdsa-256-sha384`, `pubkey-sha512`, `rsa/pss-sha256`, and `ike:` in
 * front of what is said of the IKE signature alone. Empty constraints allow everything.
 */
export class AuthConstraints {
  readonly #minBits = new Map<KeyKind, number>();
  /** What stands behind `ike:`, and the rest. */
  readonly #ike: Accepted[] = [];
  readonly #chain: Accepted[] = [];

  /** @throws {DefinitionError} CYG_CONFIG_AUTH for a part that is none */
  static parse(texts: readonly string[], where: string): AuthConstraints {
    const constraints = new AuthConstraints();
    for (const text of texts) constraints.#add(text, where);
    return constraints;
  }

  /** Why a key is not good enough, undefined when it is. Sizes of other kinds rule a key out, as in strongSwan. */
  keyProblem({ kind, bits }: PublicKey): string | undefined {
    if (this.#minBits.size === 0) return undefined;
    const least = this.#minBits.get(kind);
    return least !== undefined && bits >= least ? undefined : `${kind}-${bits} signatures not acceptable`;
  }

  /** @param withChain whether what is said of certificates holds for the IKE signature, too, where nothing is said of that alone */
  allowsIke(scheme: SignatureScheme, withChain: boolean): boolean {
    return allows(this.#ike.length > 0 || !withChain ? this.#ike : this.#chain, scheme);
  }

  allowsChain(scheme: SignatureScheme): boolean {
    return allows(this.#chain, scheme);
  }

  #add(text: string, where: string): void {
    const isIkeOnly = text.startsWith("ike:");
    const tokens = (isIkeOnly ? text.slice("ike:".length) : text).split("-");
    // `pubkey-sha256` comes without its first part.
    let accepted: Accepted | undefined;
    for (const token of tokens) {
      const [name = "", padding] = token.split("/");
      const kind = KINDS[name];
      const hash = HASHES[token];
      if (kind && (padding === undefined || (kind === "RSA" && padding === "pss"))) {
        accepted = this.#begin(kind, padding === "pss" ? true : undefined, isIkeOnly);
      } else if (hash !== undefined) {
        accepted ??= this.#begin("pubkey", undefined, isIkeOnly);
        accepted.hashes.add(hash);
      } else if (/^\d{1,5}$/.test(token) && accepted && accepted.kind !== "pubkey") {
        this.#minBits.set(accepted.kind, Number(token));
      } else throw new DefinitionError("CYG_CONFIG_AUTH", where, `'${token}' in '${text}' is no key type, key size or hash`);
    }
  }

  #begin(kind: Accepted["kind"], isPss: boolean | undefined, isIkeOnly: boolean): Accepted {
    const accepted = { kind, isPss, hashes: new Set<HashAlgorithm>() };
    (isIkeOnly ? this.#ike : this.#chain).push(accepted);
    return accepted;
  }
}

/** Kinds without a hash allow any; where no hash is named at all, other kinds of keys (of authorities) are fine, too. */
function allows(list: readonly Accepted[], scheme: SignatureScheme): boolean {
  const strict = list.filter(({ hashes, isPss }) => hashes.size > 0 || isPss !== undefined);
  if (strict.length === 0) return true;
  return strict.some(
    ({ kind, isPss, hashes }) =>
      (kind === "pubkey" || kind === scheme.kind) &&
      (isPss === undefined || isPss === scheme.isPss) &&
      (hashes.size === 0 || hashes.has(scheme.hash) || scheme.hash === HashAlgorithm.IDENTITY),
  );
}
