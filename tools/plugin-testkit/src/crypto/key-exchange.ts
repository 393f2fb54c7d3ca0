import type { KeyExchange } from "@cygnet/plugin-api";
import { KeyExchangeMethod as Method } from "@cygnet/wire";
import { getDiffieHellman } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyExchangeVectors } from "@cygnet/crypto/vectors";
import { embedded, hex, octets, throwsForLength } from "./octets.js";

/** node:crypto's names of the groups with safe primes. */
const NODE_GROUP: Readonly<Record<number, string>> = {
  [Method.MODP_768_BIT]: "modp1",
  [Method.MODP_1024_BIT]: "modp2",
  [Method.MODP_1536_BIT]: "modp5",
  [Method.MODP_2048_BIT]: "modp14",
  [Method.MODP_3072_BIT]: "modp15",
  [Method.MODP_4096_BIT]: "modp16",
  [Method.MODP_6144_BIT]: "modp17",
  [Method.MODP_8192_BIT]: "modp18",
};
const SUBGROUPS: readonly number[] = [Method.MODP_1024_160, Method.MODP_2048_224, Method.MODP_2048_256];

/** Public values that RFC 6989 has refused. */
function badValues(id: number, size: number): Uint8Array[] {
  const small = (value: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (i === size - 1 ? value : 0));
  // The curves of RFC 7748 accept most anything; these are points of small order.
  if (id === Method.CURVE_25519 || id === Method.CURVE_448) return [small(0), small(1).reverse()];
  const bad = [small(0), small(1), new Uint8Array(size).fill(0xff)];
  const group = NODE_GROUP[id];
  if (group !== undefined) {
    const prime = new Uint8Array(getDiffieHellman(group).getPrime());
    bad.push(
      prime,
      prime.map((octet, i) => (i === size - 1 ? octet - 1 : octet)),
    );
  }
  // 2 is in no subgroup of so small a share.
  if (SUBGROUPS.includes(id)) bad.push(small(2));
  return bad;
}

/** @param publicOf what gives the public value of a private one, where the provider has a hook for it */
export function describeKeyExchange(
  name: string,
  method: KeyExchange,
  id: number,
  publicOf?: (privateValue: Uint8Array, publicValue: Uint8Array) => void,
): void {
  describe(name, () => {
    const pair = (): { own: Uint8Array; value: Uint8Array } => {
      const [own, value] = [new Uint8Array(method.privateBytes), new Uint8Array(method.publicBytes)];
      method.generate(own, value);
      return { own, value };
    };
    const secretOf = (): Uint8Array => new Uint8Array(method.secretBytes);

    it("gives the published secrets and public values", () => {
      const vectors = keyExchangeVectors.filter((vector) => vector.id === id);
      expect(vectors).not.toEqual([]);
      for (const vector of vectors) {
        const secret = secretOf();
        expect(method.derive(octets(vector.private), octets(vector.response), secret), vector.source).toBe(true);
        expect(hex(secret), vector.source).toBe(vector.secret);
        if (publicOf === undefined || vector.public === undefined) continue;
        const value = new Uint8Array(method.publicBytes);
        publicOf(octets(vector.private), value);
        expect(hex(value), vector.source).toBe(vector.public);
      }
    });

    it("gives both sides the same secret, and another one each time", () => {
      const secrets = new Set<string>();
      for (let i = 0; i < 3; i++) {
        const { own, value } = pair();
        const response = embedded(new Uint8Array(method.responseBytes));
        const [ours, theirs] = [embedded(secretOf()), embedded(secretOf())];
        expect(method.respond(value, response.view, theirs.view)).toBe(true);
        expect(method.derive(own, response.view, ours.view)).toBe(true);
        expect(hex(ours.view)).toBe(hex(theirs.view));
        expect([response, ours, theirs].every((part) => part.untouched())).toBe(true);
        secrets.add(hex(ours.view));
      }
      expect(secrets.size).toBe(3);
    });

    it("derives from the public values of two generated pairs", () => {
      const [a, b] = [pair(), pair()];
      const [ab, ba] = [secretOf(), secretOf()];
      expect(hex(a.own)).not.toBe(hex(b.own));
      expect(method.derive(a.own, b.value, ab) && method.derive(b.own, a.value, ba)).toBe(true);
      expect(hex(ab)).toBe(hex(ba));
    });

    it("refuses public values that are not acceptable", () => {
      const { own } = pair();
      for (const bad of badValues(id, method.responseBytes)) {
        expect(method.derive(own, bad, secretOf()), hex(bad)).toBe(false);
        expect(method.respond(bad, new Uint8Array(method.responseBytes), secretOf()), hex(bad)).toBe(false);
      }
    });

    it("refuses public values of the wrong length without throwing, since the peer chose it", () => {
      const { own, value } = pair();
      const response = new Uint8Array(method.responseBytes);
      for (const wrong of [value.subarray(1), Uint8Array.from([0, ...value]), new Uint8Array(0)]) {
        expect(method.derive(own, wrong, secretOf())).toBe(false);
        expect(method.respond(wrong, response, secretOf())).toBe(false);
      }
    });

    it("throws for arrays of ours with the wrong size", () => {
      const { own, value } = pair();
      for (const delta of [-1, 1]) {
        const wrongPrivate = new Uint8Array(method.privateBytes + delta);
        const wrongPublic = new Uint8Array(method.publicBytes + delta);
        const wrongSecret = new Uint8Array(method.secretBytes + delta);
        expect(throwsForLength(() => method.generate(wrongPrivate, new Uint8Array(method.publicBytes)))).toBe(true);
        expect(throwsForLength(() => method.generate(new Uint8Array(method.privateBytes), wrongPublic))).toBe(true);
        expect(throwsForLength(() => method.derive(wrongPrivate, value, secretOf()))).toBe(true);
        expect(throwsForLength(() => method.derive(own, value, wrongSecret))).toBe(true);
        expect(throwsForLength(() => method.respond(value, wrongPublic, secretOf()))).toBe(true);
        expect(throwsForLength(() => method.respond(value, new Uint8Array(method.responseBytes), wrongSecret))).toBe(true);
      }
    });
  });
}
