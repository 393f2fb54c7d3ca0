import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binding } from "../../src/crypto/crypto-binding.js";
import { HmacPrf, HmacSigner, LengthError, NativeCrypter, NativeHasher, UnsupportedError } from "../../src/crypto/index.js";
import type { HashName } from "../../src/crypto/index.js";

const FUNCTIONS = Object.entries(binding as unknown as Record<string, (...args: unknown[]) => unknown>).filter(([name]) =>
  /^(hash|hmac|keyed|cipher|cbcMac|aead|modp|gmp|ec[A-Z]|xdh|random)/.test(name),
);

const argument = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom(0, 1, 2, 15, 16, 17, 20, 24, 32, 48, 64, 96, 128, 256).map((length) => new Uint8Array(length)),
  fc.nat({ max: 25 }),
  fc.constantFrom(-1, 1.5, NaN, 2 ** 31, 2 ** 53, undefined, null, "", "SHA1", {}, [], true, 7n),
  fc.constant(new Uint16Array(20)),
  fc.constant(new DataView(new ArrayBuffer(20))),
  fc.constant(new ArrayBuffer(20)),
);

describe("the addon's cryptography", () => {
  it("has all functions", () => {
    expect(FUNCTIONS.length).toBeGreaterThan(30);
  });

  it("answers any arguments with a value or a coded error", () => {
    fc.assert(
      fc.property(fc.constantFrom(...FUNCTIONS), fc.array(argument, { maxLength: 6 }), ([, call], args) => {
        try {
          call(...args);
        } catch (error) {
          return /^CYG_CRYPTO_(TYPE|LENGTH|FAILED)$/.test(String((error as { code?: unknown }).code));
        }
        return true;
      }),
      { numRuns: 3000 },
    );
  });

  it("refuses what is not a Uint8Array", () => {
    const { id } = binding.hashSpec("SHA1") ?? { id: -1 };
    const wrong: readonly unknown[] = [new Uint16Array(8), new ArrayBuffer(8), "text", undefined, [1, 2]];
    for (const data of wrong) {
      expect(() => binding.hash(id, data as Uint8Array, new Uint8Array(20))).toThrow(
        expect.objectContaining({ code: "CYG_CRYPTO_TYPE" }) as Error,
      );
    }
  });

  it("takes Buffers, views of shared memory, and empty arrays", () => {
    const hasher = new NativeHasher("SHA1");
    const [plain, shared, buffer] = [
      new Uint8Array(20),
      new Uint8Array(new SharedArrayBuffer(40)).subarray(10, 30),
      Buffer.alloc(20),
    ];
    hasher.hash(new Uint8Array(0), plain);
    hasher.hash(Buffer.alloc(0), shared);
    hasher.hash(new Uint8Array(new ArrayBuffer(0)), buffer);
    expect(Buffer.from(plain).toString("hex")).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
    expect([Buffer.from(shared).equals(plain), buffer.equals(plain)]).toEqual([true, true]);
  });

  it("refuses arrays whose memory is gone", () => {
    const gone = new Uint8Array(20);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(() => new NativeHasher("SHA1").hash(new Uint8Array(3), gone)).toThrow(RangeError);
  });

  it("says what this OpenSSL lacks", () => {
    expect(() => new NativeHasher("WHIRLPOOL" as HashName)).toThrow(UnsupportedError);
    expect(() => new NativeHasher("WHIRLPOOL" as HashName)).toThrow(/WHIRLPOOL/);
  });

  it("names the argument and both lengths", () => {
    const prf = new HmacPrf("SHA1");
    expect(() => prf.compute(new Uint8Array(prf.stateBytes), new Uint8Array(1), new Uint8Array(19))).toThrow(
      new LengthError("out", 19, 20),
    );
    expect(() => prf.setKey(new Uint8Array(1), new Uint8Array(39))).toThrow("state has 39 octets instead of 40");
    expect(() => new HmacSigner("SHA1", 21)).toThrow(LengthError);
    const crypter = new NativeCrypter("AES-128-CBC");
    expect(() => crypter.encrypt(new Uint8Array(16), new Uint8Array(16), new Uint8Array(15))).toThrow(/block size/);
  });
});
