/** Small deterministic generator of random numbers (xorshift32), so that every run of a seed is the same. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // The state must not be zero: the generator would stay there.
    this.#state = seed >>> 0 || 0x9e3779b9;
  }

  /** 0 to 2^32-1. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }

  /** 0 to `bound`-1; zero for an empty range. */
  below(bound: number): number {
    return bound <= 0 ? 0 : this.next() % bound;
  }
}

/** Values that length, count and type fields go wrong with. */
const INTERESTING = [0, 1, 2, 3, 4, 5, 7, 8, 16, 20, 28, 33, 41, 46, 48, 53, 64, 127, 128, 255] as const;

function flipBits(random: Random, bytes: Uint8Array, length: number): number {
  for (let n = 1 + random.below(4); n > 0; n--) bytes[random.below(length)] ^= 1 << random.below(8);
  return length;
}

function truncate(random: Random, _bytes: Uint8Array, length: number): number {
  return random.below(length + 1);
}

function editOctet(random: Random, bytes: Uint8Array, length: number): number {
  bytes[random.below(length)] = INTERESTING[random.below(INTERESTING.length)];
  return length;
}

/** Changes 16 bits, as a length field would be: off by a little, or to something extreme. */
function editLength(random: Random, bytes: Uint8Array, length: number): number {
  if (length < 2) return length;
  const at = random.below(length - 1);
  const old = (bytes[at] << 8) | bytes[at + 1];
  const kind = random.below(4);
  const value = kind === 0 ? 0xffff : kind === 1 ? random.below(0x10000) : old + random.below(17) - 8;
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
  return length;
}

/** Writes a piece of another seed over, or into, this one. */
function splice(random: Random, bytes: Uint8Array, length: number, other: Uint8Array): number {
  const from = random.below(other.length);
  const count = Math.min(random.below(64) + 1, other.length - from);
  const at = random.below(length + 1);
  if (random.below(2) === 0) {
    const room = Math.min(count, bytes.length - at);
    for (let i = 0; i < room; i++) bytes[at + i] = other[from + i];
    return Math.max(length, at + room);
  }
  const room = Math.min(count, bytes.length - length);
  bytes.copyWithin(at + room, at, length);
  for (let i = 0; i < room; i++) bytes[at + i] = other[from + i];
  return length + room;
}

/** Takes a piece out. */
function cut(random: Random, bytes: Uint8Array, length: number): number {
  const at = random.below(length);
  const count = Math.min(random.below(32) + 1, length - at);
  bytes.copyWithin(at, at + count, length);
  return length - count;
}

const MUTATORS = [flipBits, truncate, editOctet, editLength, editLength, splice, cut] as const;

/**
 * Damages the first `length` octets of a buffer in one to three ways.
 *
 * @param other material for splices, not empty
 * @returns the new length, within the buffer
 */
export function mutate(random: Random, bytes: Uint8Array, length: number, other: Uint8Array): number {
  let now = length;
  for (let n = 1 + random.below(3); n > 0; n--) {
    if (now === 0) return 0;
    now = MUTATORS[random.below(MUTATORS.length)](random, bytes, now, other);
  }
  return now;
}
