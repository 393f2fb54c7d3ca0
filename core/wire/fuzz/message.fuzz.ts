import type { Message } from "@cygnet/wire";
import {
  checkMessage,
  checkSealed,
  describeMessage,
  FragmentReassembler,
  generateMessage,
  IkeHeader,
  openedPayload,
  parseHeader,
  parseMessage,
  parsePayloads,
  PayloadType,
  ProtectedLayout,
  beginProtected,
  WireError,
  Writer,
} from "@cygnet/wire";
import { mutate, Random } from "./mutate.js";

/** Longest input that the fuzzer makes. */
const MAX_INPUT_BYTES = 4096;

const SIZES = { ivBytes: 8, icvBytes: 12, blockBytes: 1 };

const header = new IkeHeader();
const again = new IkeHeader();
const layout = new ProtectedLayout();
const writer = new Writer(new Uint8Array(65_535));
const second = new Writer(new Uint8Array(65_535));

/** How the inputs of a run ended. */
export interface FuzzReport {
  inputs: number;
  /** Parsed to the end. */
  values: number;
  /** Refused with a `WireError`, by code. */
  errors: Map<string, number>;
}

/** An input on which the wire layer broke its word; `hex` belongs into `fuzz/corpus`. */
export class FuzzFailure extends Error {
  readonly hex: string;

  constructor(bytes: Uint8Array, length: number, cause: unknown) {
    const hex = Buffer.from(bytes.subarray(0, length)).toString("hex");
    super(`fuzz input ${hex}`, { cause });
    this.hex = hex;
  }
}

function assert(claim: boolean, text: string): void {
  if (!claim) throw new Error(text);
}

/** What a message says must stay the same when it is generated, parsed and generated again. */
function expectStable(message: Message): void {
  const length = generateMessage(writer.reset(), message.header, message.payloads);
  parseHeader(writer.bytes, length, again);
  const copy = parseMessage(writer.bytes, length, again);
  assert(copy.payloads.length === message.payloads.length, "a payload got lost");
  assert(describeMessage(copy) === describeMessage({ payloads: message.payloads }), "a payload changed");
  const repeated = generateMessage(second.reset(), copy.header, copy.payloads);
  assert(repeated === length, "the length changed");
  assert(Buffer.compare(writer.bytes.subarray(0, length), second.bytes.subarray(0, length)) === 0, "octets changed");
}

function open(bytes: Uint8Array, message: Message): void {
  const sealed = message.encrypted;
  if (sealed === undefined) return;
  checkSealed(sealed, SIZES);
  const { start, end } = openedPayload(bytes, sealed.at, SIZES.ivBytes, SIZES.icvBytes, sealed.end);
  assert(start >= sealed.at && end >= start && end < sealed.end, "an opened payload reaches out of its payload");
  if (sealed.type === PayloadType.SKF) {
    const reassembler = new FragmentReassembler({ maxFragments: 8 });
    const outcome = reassembler.add(sealed, bytes, start, end);
    assert((outcome === "complete") === (sealed.totalFragments === 1), "a fragment was miscounted");
    return;
  }
  message.addProtected(parsePayloads(sealed.firstPayload, bytes, start, end));
  beginProtected(writer.reset(), message.header, message.payloads, SIZES, layout);
}

/**
 * The target: everything that a daemon does with a datagram, short of cryptography, which is taken as the identity.
 *
 * @returns true if the input parsed
 * @throws {WireError} if it did not; anything else is a find
 */
export function fuzzTarget(bytes: Uint8Array, length: number): boolean {
  parseHeader(bytes, length, header);
  const message = parseMessage(bytes, length, header);
  open(bytes, message);
  checkMessage(message);
  describeMessage(message);
  expectStable(message);
  return true;
}

/**
 * Feeds mutations of seeds to the target. Three in four get their header's length corrected, to get past it.
 *
 * @param options.count how many inputs
 * @param options.seed of the random numbers: equal seeds, equal runs
 * @throws {FuzzFailure} for the first input that gives neither a value nor a `WireError` within the input
 */
export function fuzzMessages(options: { seeds: readonly Uint8Array[]; count: number; seed: number }): FuzzReport {
  const { seeds, count } = options;
  const random = new Random(options.seed);
  const scratch = new Uint8Array(MAX_INPUT_BYTES);
  const report: FuzzReport = { inputs: 0, values: 0, errors: new Map() };
  for (let i = 0; i < count; i++) {
    const original = seeds[random.below(seeds.length)];
    scratch.set(original);
    const length = mutate(random, scratch, original.length, seeds[random.below(seeds.length)]);
    if (length >= 28 && random.below(4) !== 0) {
      scratch[24] = 0;
      scratch[25] = 0;
      scratch[26] = length >>> 8;
      scratch[27] = length;
    }
    report.inputs++;
    try {
      fuzzTarget(scratch, length);
      report.values++;
    } catch (error) {
      if (!(error instanceof WireError) || !(error.offset >= 0 && error.offset <= length) || error.field === "") {
        throw new FuzzFailure(scratch, length, error);
      }
      report.errors.set(error.code, (report.errors.get(error.code) ?? 0) + 1);
    }
  }
  return report;
}
