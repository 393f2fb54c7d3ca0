import type { IkeContext } from "../../ike-context.js";
import type { IkeSa } from "../ike-sa.js";
import { RecordGlance, decodeIkeSa, encodeIkeSa } from "./ike-sa-record.js";
import type { DecodeParts, IkeSaGlance, SharedParts } from "./ike-sa-record.js";
import { RecordError } from "./record-error.js";
import { RecordReader } from "./record-reader.js";
import { RecordStore } from "./record-store.js";
import { RecordWriter } from "./record-writer.js";
import { SharedValues } from "./shared-values.js";

/** The IKE_SAs of a shard that rest, by handles of `RecordStore`. */
export class RestingIkeSas {
  readonly store = new RecordStore();
  readonly #shared: SharedParts = {
    peers: new SharedValues(),
    ikes: new SharedValues(),
    suites: new SharedValues(),
    children: new SharedValues(),
    proposals: new SharedValues(),
  };
  readonly #writer = new RecordWriter();
  readonly #reader = new RecordReader();
  readonly #glance = new RecordGlance(this.#shared);
  readonly #parts: DecodeParts;

  constructor(context: IkeContext) {
    this.#parts = { context, shared: this.#shared };
  }

  /** Configurations, algorithms and proposals that records refer to. */
  get sharedValues(): number {
    const { peers, ikes, suites, children, proposals } = this.#shared;
    return peers.size + ikes.size + suites.size + children.size + proposals.size;
  }

  /** Puts an IKE_SA to rest. The object is of no use any more: its keys are zeroed. @returns the handle of its record */
  put(ikeSa: IkeSa): number {
    const writer = this.#writer;
    try {
      encodeIkeSa(writer, ikeSa, this.#shared);
      const handle = this.store.allocate(writer.length);
      this.store.page(handle).octets.set(writer.octets.subarray(0, writer.length), this.store.offset(handle));
      ikeSa.keys?.fill(0);
      return handle;
    } finally {
      writer.clear();
    }
  }

  /** Wakes an IKE_SA. The record is gone afterwards, in any case. @throws {RecordError} */
  take(handle: number): IkeSa {
    try {
      const ikeSa = this.#decode(handle, true);
      this.#drop(ikeSa);
      return ikeSa;
    } finally {
      this.store.release(handle);
    }
  }

  /** A copy of an IKE_SA without its keys, to be looked at and not to be kept. @throws {RecordError} */
  read(handle: number): IkeSa {
    return this.#decode(handle, false);
  }

  #decode(handle: number, isComplete: boolean): IkeSa {
    const page = this.store.page(handle);
    const { length } = this.glance(handle);
    if (length > page.recordBytes) throw new RecordError("length", 0, "is more than there is room for");
    return decodeIkeSa(this.#reader.reset(page, this.store.offset(handle), length), this.#parts, isComplete);
  }

  /** What can be seen of an IKE_SA from outside, until another one is looked at. */
  glance(handle: number): IkeSaGlance & { readonly length: number } {
    return this.#glance.of(this.store.page(handle), this.store.offset(handle));
  }

  /** It refers to what is shared no more. */
  #drop(ikeSa: IkeSa): void {
    const { peers, ikes, suites, children, proposals } = this.#shared;
    peers.drop(ikeSa.peerConfig);
    ikes.drop(ikeSa.ikeConfig);
    suites.drop(ikeSa.suite);
    for (let i = 0; i < ikeSa.children.length; i++) {
      children.drop(ikeSa.children[i]!.config);
      proposals.drop(ikeSa.children[i]!.proposal);
    }
  }
}
