import { ProtocolId, TransformType } from "@cygnet/wire";
import type { SelectedAlgorithms } from "@cygnet/plugin-api";
import { proposalAlgorithms, proposalToString } from "./proposal-text.js";
import { selectedAlgorithms } from "./selected-algorithms.js";
import { MAX_TRANSFORM_TYPE, TRANSFORM_ORDER, transformId, isAdditionalKe } from "./transform.js";
import type { PackedTransform } from "./transform.js";

const NONE: readonly PackedTransform[] = Object.freeze([]);

/**
 * How many different proposals are kept for sharing. A peer chooses what it offers, so the table must not grow with what peers
 * send; a full one starts anew, after which equal proposals from before and after are two objects.
 */
const MAX_INTERNED = 4096;

/** Shared proposals by a hash of their transforms. */
const table = new Map<number, Proposal[]>();
let interned = 0;
let serials = 0;

/**
 * Algorithms for one IKE_SA or CHILD_SA: for each transform type, those acceptable, in order of preference.
 *
 * An immutable value. Number and SPI are not part of it, they belong to one SA payload ({@link ProposalOffer}); so thousands of
 * SAs share one object. Equal proposals are almost always the same object (`===`); `equals` is the safe comparison.
 */
export class Proposal {
  readonly protocol: ProtocolId;
  /** Unique number of this object on this thread, for tables keyed by proposals. */
  readonly serial = ++serials;
  readonly #types: readonly (readonly PackedTransform[])[];
  #text: string | undefined;
  #algorithms: string | undefined;
  #selected: SelectedAlgorithms | undefined;

  /** Use {@link ProposalBuilder}. `types` is indexed by transform type and belongs to the proposal. */
  constructor(protocol: ProtocolId, types: readonly (readonly PackedTransform[])[]) {
    this.protocol = protocol;
    this.#types = types;
  }

  /** Transforms of a type in order of preference, packed (`transformId`, `transformKeyBits`). Empty when there are none. */
  transforms(type: number): readonly PackedTransform[] {
    return this.#types[type] ?? NONE;
  }

  /** The preferred transform of a type, undefined when there is none. */
  first(type: number): PackedTransform | undefined {
    return this.transforms(type)[0];
  }

  /** Whether a key exchange method (0 for none) is among those acceptable in the first key exchange. */
  hasKe(method: number): boolean {
    return this.transforms(TransformType.KEY_EXCHANGE_METHOD).includes(method);
  }

  /** The preferred key exchange method, undefined when the proposal has none or prefers none. */
  get firstKe(): number | undefined {
    const ke = this.first(TransformType.KEY_EXCHANGE_METHOD);
    return ke === undefined || transformId(ke) === 0 ? undefined : transformId(ke);
  }

  /**
   * The same without additional key exchanges (RFC 9370).
   * @returns undefined where one of them is insisted on: none is not among its methods
   */
  withoutAdditionalKe(): Proposal | undefined {
    let isSame = true;
    for (let type = 1; type <= MAX_TRANSFORM_TYPE; type++) {
      const methods = isAdditionalKe(type) ? this.transforms(type) : NONE;
      if (methods.length === 0) continue;
      if (!methods.some((method) => transformId(method) === 0)) return undefined;
      isSame = false;
    }
    return isSame ? this : new Proposal(this.protocol, this.#types.slice(0, TransformType.ADDITIONAL_KEY_EXCHANGE_1));
  }

  equals(other: Proposal): boolean {
    if (this === other) return true;
    if (this.protocol !== other.protocol) return false;
    for (let type = 1; type <= MAX_TRANSFORM_TYPE; type++) {
      if (!equalLists(this.transforms(type), other.transforms(type))) return false;
    }
    return true;
  }

  /** Without the protocol, as status output has it: `AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768`. */
  get algorithms(): string {
    return (this.#algorithms ??= proposalAlgorithms(this));
  }

  /** Of a proposal that was selected: what it comes to, by name. */
  get selected(): SelectedAlgorithms {
    return (this.#selected ??= selectedAlgorithms(this));
  }

  /** strongSwan's `%P`: `IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048`. */
  toString(): string {
    return (this.#text ??= proposalToString(this));
  }
}

/** Collects transforms and makes a shared {@link Proposal} of them. Reusable: `reset` starts anew. */
export class ProposalBuilder {
  readonly #lists: PackedTransform[][] = Array.from({ length: MAX_TRANSFORM_TYPE + 1 }, () => []);
  #protocol = ProtocolId.IKE;

  reset(protocol: ProtocolId): this {
    this.#protocol = protocol;
    for (const list of this.#lists) list.length = 0;
    return this;
  }

  /** Adds a transform behind those of its type. `type` is 1 to 12. */
  add(type: number, transform: PackedTransform): this {
    this.#lists[type].push(transform);
    return this;
  }

  /** The transforms of a type so far; may be changed in place. */
  list(type: number): PackedTransform[] {
    return this.#lists[type];
  }

  /** The one shared proposal with these transforms. */
  build(): Proposal {
    const hash = this.#hash();
    const bucket = table.get(hash);
    if (bucket !== undefined) {
      for (const known of bucket) if (this.#matches(known)) return known;
    }
    const proposal = new Proposal(
      this.#protocol,
      this.#lists.map((list) => (list.length === 0 ? NONE : Object.freeze(list.slice()))),
    );
    if (interned === MAX_INTERNED) {
      table.clear();
      interned = 0;
    }
    interned++;
    const current = table.get(hash);
    if (current === undefined) table.set(hash, [proposal]);
    else current.push(proposal);
    return proposal;
  }

  #matches(known: Proposal): boolean {
    if (known.protocol !== this.#protocol) return false;
    for (let type = 1; type <= MAX_TRANSFORM_TYPE; type++) {
      if (!equalLists(known.transforms(type), this.#lists[type])) return false;
    }
    return true;
  }

  #hash(): number {
    let hash: number = this.#protocol;
    for (const type of TRANSFORM_ORDER) {
      const list = this.#lists[type];
      for (let i = 0; i < list.length; i++) hash = (Math.imul(hash, 31) + type + Math.imul(list[i] | 0, 0x9e3779b1)) | 0;
    }
    return hash;
  }
}

function equalLists(a: readonly PackedTransform[], b: readonly PackedTransform[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
