import { InternalError } from "@cygnet/plugin-api";
import { NumberIndex } from "./number-index.js";
import type { IkeSa } from "./ike-sa.js";
import type { IkeSaGlance } from "./rest/ike-sa-record.js";
import { RecordError } from "./rest/record-error.js";
import type { RestingIkeSas } from "./rest/resting-ike-sas.js";
import type { SpiTable } from "./spi-table.js";

const FIRST_CAPACITY = 1024;

/**
 * The IKE_SAs of a shard by their slots: objects where something is in progress, records where nothing is. The slot comes with the SPI of a
 * message; by unique id it is found otherwise.
 */
export class IkeSaTable {
  readonly #slots = new NumberIndex();
  readonly #awake: (IkeSa | undefined)[] = [];
  /** Handles of records; 0 where there is none. */
  #records = new Int32Array(FIRST_CAPACITY);
  #uniqueIds = new Uint32Array(FIRST_CAPACITY);
  /** Unique ids as they came, also of those that are gone: their order is that of the IKE_SAs' ages. */
  #ids = new Uint32Array(FIRST_CAPACITY);
  #idsEnd = 0;

  constructor(
    readonly spis: SpiTable,
    readonly resting: RestingIkeSas,
  ) {}

  get size(): number {
    return this.#slots.size;
  }

  /** Those that rest. */
  get atRest(): number {
    return this.resting.store.size;
  }

  /** The handle of the record of an IKE_SA that rests; 0 for one that is awake. */
  handleOf(slot: number): number {
    return this.#records[slot]!;
  }

  /** @returns the slot of the IKE_SA that we gave this SPI, or -1 */
  find(spiHi: number, spiLo: number): number {
    return this.spis.find(spiHi, spiLo);
  }

  /** @returns the slot of an IKE_SA, or -1 */
  slotOf(uniqueId: number): number {
    return this.#slots.get(uniqueId) ?? -1;
  }

  /** Unique id of the IKE_SA in a slot. */
  idOf(slot: number): number {
    return this.#uniqueIds[slot]!;
  }

  /** Adds a new IKE_SA, under an SPI that was drawn for it. */
  add(ikeSa: IkeSa): void {
    this.#place(ikeSa);
    if (this.#idsEnd === this.#ids.length) this.#forgetIds();
    this.#ids[this.#idsEnd++] = ikeSa.uniqueId;
  }

  #place(ikeSa: IkeSa): void {
    const slot = this.spis.set({ hi: ikeSa.ownSpiHi, lo: ikeSa.ownSpiLo });
    while (this.#awake.length <= slot) this.#awake.push(undefined);
    if (slot >= this.#records.length) this.#grow(this.#awake.length * 2);
    this.#awake[slot] = ikeSa;
    this.#uniqueIds[slot] = ikeSa.uniqueId;
    this.#slots.set(ikeSa.uniqueId, slot);
  }

  /** Gives an IKE_SA that is awake another SPI. */
  renewSpi(ikeSa: IkeSa): void {
    this.#leave(this.#slotOf(ikeSa));
    // There is one: its own has just become free.
    const { hi, lo } = this.spis.draw()!;
    ikeSa.ownSpiHi = hi;
    ikeSa.ownSpiLo = lo;
    this.#place(ikeSa);
  }

  /** Takes an IKE_SA out that is awake. */
  delete(ikeSa: IkeSa): void {
    this.#leave(this.#slotOf(ikeSa));
  }

  /** @throws {InternalError} for an object whose IKE_SA has rested since, or is gone: nobody may have kept it */
  #slotOf(ikeSa: IkeSa): number {
    const slot = this.find(ikeSa.ownSpiHi, ikeSa.ownSpiLo);
    if (this.#awake[slot] !== ikeSa) throw new InternalError(`IKE_SA ${ikeSa.label} is not the one in the table`);
    return slot;
  }

  #leave(slot: number): void {
    this.spis.delete(slot);
    this.#awake[slot] = undefined;
    this.#slots.delete(this.#uniqueIds[slot]!);
  }

  /** What can be seen of an IKE_SA without waking it, to be used before another one is looked at. */
  glance(slot: number): IkeSaGlance {
    return this.#awake[slot] ?? this.resting.glance(this.#records[slot]!);
  }

  /** All of an IKE_SA but its keys, to be looked at and not to be kept. @throws {RecordError} */
  peek(slot: number): IkeSa {
    return this.#awake[slot] ?? this.resting.read(this.#records[slot]!);
  }

  /** The IKE_SA, which is awake from now on. @throws {RecordError} when it cannot be woken; it is gone then */
  wake(slot: number): IkeSa {
    const awake = this.#awake[slot];
    if (awake !== undefined) return awake;
    const handle = this.#records[slot]!;
    this.#records[slot] = 0;
    try {
      const ikeSa = this.resting.take(handle);
      if (ikeSa.uniqueId !== this.#uniqueIds[slot] || this.find(ikeSa.ownSpiHi, ikeSa.ownSpiLo) !== slot)
        throw new RecordError("unique id", 0, "is that of another one");
      return (this.#awake[slot] = ikeSa);
    } catch (error) {
      this.#leave(slot);
      throw error;
    }
  }

  /** Puts an IKE_SA to rest. Whoever has the object must not use it any more. */
  rest(ikeSa: IkeSa): void {
    const slot = this.#slotOf(ikeSa);
    this.#records[slot] = this.resting.put(ikeSa);
    this.#awake[slot] = undefined;
  }

  /** Unique ids, the oldest first. Some may be of IKE_SAs that are gone. */
  ids(): Uint32Array {
    return this.#ids.slice(0, this.#idsEnd);
  }

  /** Makes room among the unique ids. */
  #forgetIds(): void {
    const known = this.#ids;
    let end = 0;
    for (let i = 0; i < known.length; i++) if (this.#slots.has(known[i]!)) known[end++] = known[i]!;
    this.#ids = new Uint32Array(Math.max(FIRST_CAPACITY, end * 2));
    this.#ids.set(known.subarray(0, end));
    this.#idsEnd = end;
  }

  #grow(capacity: number): void {
    const records = new Int32Array(capacity);
    records.set(this.#records);
    this.#records = records;
    const uniqueIds = new Uint32Array(capacity);
    uniqueIds.set(this.#uniqueIds);
    this.#uniqueIds = uniqueIds;
  }
}
