import { keyExchangeName } from "@cygnet/plugin-api";
import type { KeyExchange } from "@cygnet/plugin-api";
import { KeyExchangeMethod as Method } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { allProviders } from "./providers.js";
import { Findings, hexOf, octets, vectorsOf } from "./vectors.js";
import type { WycheproofGroup, WycheproofTest } from "./vectors.js";

const registry = allProviders();
const METHODS: readonly (readonly [id: number, file: string])[] = [
  [Method.CURVE_25519, "x25519"],
  [Method.CURVE_448, "x448"],
  [Method.ECP_224_BIT, "ecdh_secp224r1_ecpoint"],
  [Method.ECP_256_BIT, "ecdh_secp256r1_ecpoint"],
  [Method.ECP_384_BIT, "ecdh_secp384r1_ecpoint"],
  [Method.ECP_521_BIT, "ecdh_secp521r1_ecpoint"],
  [Method.ECP_224_BP, "ecdh_brainpoolP224r1"],
  [Method.ECP_256_BP, "ecdh_brainpoolP256r1"],
  [Method.ECP_384_BP, "ecdh_brainpoolP384r1"],
  [Method.ECP_512_BP, "ecdh_brainpoolP512r1"],
];
const UNCOMPRESSED = "04";

/** The peer's value as a KE payload has it: a point is x and y (RFC 5903 section 7). @returns undefined for what no KE payload can say */
function responseOf(
  { encoding, tests }: WycheproofGroup,
  test: WycheproofTest,
  { responseBytes }: KeyExchange,
): string | undefined {
  const value = test.public ?? "";
  if (encoding === undefined) return value;
  const point = UNCOMPRESSED.length + 2 * responseBytes;
  if (encoding === "ecpoint") return value.startsWith(UNCOMPRESSED) && value.length === point ? value.slice(2) : value;
  // A SubjectPublicKeyInfo: of interest is the point alone, where the curve is called by its name as in the first test.
  const prefix = tests[0].public?.slice(0, -point + 2);
  return prefix !== undefined && value.startsWith(prefix) && value.length === prefix.length + point - 2
    ? value.slice(prefix.length)
    : undefined;
}

/** A private value in as many octets as the provider has. @returns undefined if it does not fit */
function privateOf(hex: string, { privateBytes }: KeyExchange): Uint8Array | undefined {
  const digits = hex.replace(/^(00)+/, "").padStart(2 * privateBytes, "0");
  return digits.length === 2 * privateBytes ? octets(digits) : undefined;
}

/** Refuses, or derives the secret of the vector. */
function behaves(method: KeyExchange, own: Uint8Array, response: string, { shared = "", result }: WycheproofTest): boolean {
  const secret = new Uint8Array(method.secretBytes);
  const isDerived = method.derive(own, octets(response), secret);
  if (result === "invalid") return !isDerived;
  // RFC 7748 section 6.1; the vectors leave it to the implementation.
  if (result === "acceptable" && /^0*$/.test(shared)) return !isDerived;
  return isDerived ? hexOf(secret) === shared : result === "acceptable";
}

describe.each(METHODS)("the providers of key exchange method %i", (id, file) => {
  const providers = registry.keyExchanges.filter((entry) => entry.id === id);
  it("are there", () => expect(providers, keyExchangeName(id)).not.toEqual([]));

  it.each(providers)(`of $plugin derive and refuse as ${file} says`, ({ algorithm }) => {
    const findings = new Findings();
    for (const group of vectorsOf(file)) {
      for (const test of group.tests) {
        const response = responseOf(group, test, algorithm);
        // The scalars of RFC 7748 are octets, little end first, and as long as they have to be.
        const own = group.encoding === undefined ? octets(test.private ?? "") : privateOf(test.private ?? "", algorithm);
        if (response !== undefined && own !== undefined) findings.note(test, behaves(algorithm, own, response, test));
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.ran).toBeGreaterThan(5);
  });
});
