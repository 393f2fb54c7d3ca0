import { binding } from "./crypto-binding.js";
import { requireSpec, UnsupportedError } from "./crypto-error.js";

/** MODP groups of RFC 2409, 3526 and 5114. */
export type ModpGroup =
  "768" | "1024" | "1536" | "2048" | "3072" | "4096" | "6144" | "8192" | "1024_160" | "2048_224" | "2048_256";

/** What computes y^x: OpenSSL's Montgomery multiplication, or AVX-512 where the processor has it, or libgmp where the addon was built with it. g^x comes from a table in both. */
export type ModpProvider = "openssl" | "gmp";

/** Version of the libgmp that the addon is linked with; undefined where it was built without. */
export const gmpVersion = (): string | undefined => binding.gmpVersion();

/**
 * Whether the node executable exports OpenSSL's assembler multiplication, as all that we know of do. Measured on x86-64 with it, y^x is as
 * fast as with libgmp at 768 bits and 15 to 40 % faster from 1024 bits up; without it libgmp is the faster one.
 */
export const hasAssemblerMultiplication = (): boolean => binding.modpAssembler();

/** Whether the processor multiplies numbers of 52 bits, eight at a time (AVX-512 IFMA), which groups up to 4096 bits are computed with then. */
export const hasVectorMultiplication = (): boolean => binding.modpIfma();

/**
 * Diffie-Hellman in a MODP group. Private values are big-endian exponents of at least twice the group's strength (160 to 416 bits; 160 to 256
 * bits, by the order, in groups 22 to 24). The first public value of a group in a process costs the table for g^x: 0.5 ms for 768 bits, 3 ms
 * for 2048, 9 ms for 4096, 40 ms for 8192.
 */
export class ModpKeyExchange {
  readonly privateBytes: number;
  readonly publicBytes: number;
  readonly responseBytes: number;
  readonly secretBytes: number;
  readonly #id: number;
  readonly #gmp: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED also for "gmp" where the addon was built without libgmp */
  constructor(
    readonly group: ModpGroup,
    readonly provider: ModpProvider = "openssl",
  ) {
    if (provider === "gmp" && gmpVersion() === undefined) throw new UnsupportedError("libgmp");
    const spec = requireSpec(binding.modpSpec(group), `MODP_${group}`);
    this.#id = spec.id;
    this.#gmp = provider === "gmp" ? 1 : 0;
    this.privateBytes = spec.privateBytes;
    this.publicBytes = spec.publicBytes;
    this.responseBytes = spec.publicBytes;
    this.secretBytes = spec.publicBytes;
  }

  generate(privateValue: Uint8Array, publicValue: Uint8Array): void {
    binding.modpGenerate(this.#id, this.#gmp, privateValue, publicValue);
  }

  /** False unless 1 < y < p - 1 and, in groups 22 to 24, y^q = 1 (RFC 6989 section 2). */
  derive(privateValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean {
    return binding.modpDerive(this.#id, this.#gmp, privateValue, response, secret);
  }

  respond(publicValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean {
    return binding.modpRespond(this.#id, this.#gmp, publicValue, response, secret);
  }

  /** The public value of a given private one, for tests with published vectors. */
  publicOf(privateValue: Uint8Array, publicValue: Uint8Array): void {
    binding.modpPublic(this.#id, this.#gmp, privateValue, publicValue);
  }
}
