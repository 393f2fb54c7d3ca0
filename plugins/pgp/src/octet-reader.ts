import { DefinitionError } from "@cygnet/plugin-api";

/** What is read, for errors. */
const WHAT = "OpenPGP key";

/** Says that what is read is malformed. */
export function malformed(problem: string): never {
  throw new DefinitionError("CYG_CERT_SYNTAX", WHAT, problem);
}

/** Says that a key is of no use here. */
export function unusable(problem: string): never {
  throw new DefinitionError("CYG_CERT_KEY", WHAT, problem);
}

/** Reads octets from front to back. What it returns are views. @throws {DefinitionError} CYG_CERT_SYNTAX where they end too soon */
export class OctetReader {
  #at = 0;

  constructor(private readonly octets: Uint8Array) {}

  get atEnd(): boolean {
    return this.#at >= this.octets.length;
  }

  take(count: number, field: string): Uint8Array {
    if (count > this.octets.length - this.#at) malformed(`it ends within its ${field}`);
    this.#at += count;
    return this.octets.subarray(this.#at - count, this.#at);
  }

  /** An unsigned number of up to 4 octets. */
  number(octets: 1 | 2 | 4, field: string): number {
    return this.take(octets, field).reduce((value, octet) => value * 256 + octet, 0);
  }

  /**
   * The octets of a multiprecision integer, RFC 4880 section 3.2: none leads with zeros, and its length in bits is exact.
   * @returns none for zero
   */
  mpi(field: string): Uint8Array {
    const bits = this.number(2, field);
    const octets = this.take(Math.ceil(bits / 8), field);
    if (bits > 0 && Math.clz32(octets[0]!) - 24 !== (8 - (bits % 8)) % 8) malformed(`the length of its ${field} is wrong`);
    return octets;
  }

  rest(): Uint8Array {
    return this.octets.subarray(this.#at);
  }

  /** To be called where nothing may follow. */
  end(field: string): void {
    if (!this.atEnd) malformed(`there is something behind its ${field}`);
  }
}
