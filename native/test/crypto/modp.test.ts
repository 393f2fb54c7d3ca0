import fc from "fast-check";
import { getDiffieHellman } from "node:crypto";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { binding } from "../../src/crypto/crypto-binding.js";
import { ModpKeyExchange, UnsupportedError } from "../../src/crypto/index.js";
import type { ModpGroup } from "../../src/crypto/index.js";

const NODE_GROUPS: readonly (readonly [ModpGroup, string])[] = [
  ["768", "modp1"],
  ["1024", "modp2"],
  ["1536", "modp5"],
  ["2048", "modp14"],
  ["3072", "modp15"],
  ["4096", "modp16"],
  ["6144", "modp17"],
  ["8192", "modp18"],
];

const toNumber = (data: Uint8Array): bigint => BigInt(`0x${Buffer.from(data).toString("hex")}`);
const toBytes = (value: bigint, length: number): Uint8Array =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex"));

describe("Montgomery multiplication", () => {
  const ARITHMETICS = ["words in assembler", "words", "digits of 52 bits"] as const;
  const DIGITS = 2;

  for (const [group, name] of NODE_GROUPS) {
    const prime = toNumber(getDiffieHellman(name).getPrime());
    const { id, publicBytes } = binding.modpSpec(group) ?? { id: -1, publicBytes: 0 };
    const bits = 8 * publicBytes;
    const digitBits = 52 * Math.ceil((bits + 2) / 52);
    const multiply = (arithmetic: number, a: bigint, b: bigint): bigint | undefined => {
      const out = new Uint8Array(publicBytes);
      return binding.modpMultiply(id, arithmetic, toBytes(a, publicBytes), toBytes(b, publicBytes), out) && toNumber(out);
    };
    const isProduct = (arithmetic: number, a: bigint, b: bigint): boolean => {
      const product = multiply(arithmetic, a, b);
      const radixBits = BigInt(arithmetic === DIGITS ? digitBits : bits);
      return product === undefined || (product < prime && ((product << radixBits) - a * b) % prime === 0n);
    };

    it.each(ARITHMETICS)(`is right for all factors below p (${group} bits, %s)`, (text) => {
      const arithmetic = ARITHMETICS.indexOf(text);
      // Factors near 0 and near p carry the farthest.
      const factor = fc.oneof(
        fc.bigInt({ min: 0n, max: prime - 1n }),
        fc.bigInt({ min: 0n, max: 3n }),
        fc.bigInt({ min: prime - 3n, max: prime - 1n }),
      );
      fc.assert(
        fc.property(factor, factor, (a, b) => isProduct(arithmetic, a, b)),
        { numRuns: 40 },
      );
    });

    it(`carries through digits that are all ones (${group} bits)`, () => {
      const radix = 1n << BigInt(digitBits);
      for (let digit = 1n; digit * 52n < bits; digit++) {
        // A product of 2^(52 * digit): all digits below end at zero by a carry.
        const a = ((1n << (52n * digit)) * radix) % prime;
        expect([0n, 1n].every((more) => isProduct(DIGITS, (a + more * radix) % prime, 1n))).toBe(true);
      }
    });
  }
});

describe("ModpKeyExchange", () => {
  it("agrees between the table for g^x and the power of any value", () => {
    for (const [group] of NODE_GROUPS.slice(0, 5)) {
      const method = new ModpKeyExchange(group);
      const generator = toBytes(2n, method.publicBytes);
      for (const fill of [0x01, 0x80, 0xff, 0x5a]) {
        const own = new Uint8Array(method.privateBytes).fill(fill);
        const [value, secret] = [new Uint8Array(method.publicBytes), new Uint8Array(method.secretBytes)];
        method.publicOf(own, value);
        expect(method.derive(own, generator, secret)).toBe(true);
        expect(secret).toEqual(value);
      }
    }
  });

  it("draws exponents below the order in the groups that have one", () => {
    const method = new ModpKeyExchange("1024_160");
    const order = 0xf518aa8781a8df278aba4e7d64b7cb9d49462353n;
    for (let i = 0; i < 50; i++) {
      const [own, value] = [new Uint8Array(method.privateBytes), new Uint8Array(method.publicBytes)];
      method.generate(own, value);
      expect(toNumber(own) > 1n && toNumber(own) < order).toBe(true);
    }
  });

  it("says so where libgmp is missing", () => {
    if (binding.gmpVersion() === undefined) expect(() => new ModpKeyExchange("768", "gmp")).toThrow(UnsupportedError);
    else expect(new ModpKeyExchange("768", "gmp").provider).toBe("gmp");
  });

  it("builds its tables once while several threads use them", async () => {
    const path = process.env["CYGNET_NATIVE"] ?? new URL("../../build/Release/cygnet.node", import.meta.url).pathname;
    const source = `
      const { parentPort, workerData } = require("node:worker_threads");
      const addon = require(workerData);
      const { id, privateBytes, publicBytes } = addon.modpSpec("4096");
      const own = new Uint8Array(privateBytes).fill(7);
      const value = new Uint8Array(publicBytes);
      addon.modpPublic(id, 0, own, value);
      parentPort.postMessage(Buffer.from(value).toString("hex"));`;
    const values = await Promise.all(
      [1, 2, 3, 4].map(
        () =>
          new Promise<string>((resolve, reject) => {
            const worker = new Worker(source, { eval: true, workerData: path });
            worker.once("message", resolve).once("error", reject);
          }),
      ),
    );
    expect(new Set(values).size).toBe(1);
    const expected = new Uint8Array(512);
    new ModpKeyExchange("4096").publicOf(new Uint8Array(44).fill(7), expected);
    expect(values[0]).toBe(Buffer.from(expected).toString("hex"));
  });
});
