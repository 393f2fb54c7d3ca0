import { RecordError } from "./record-error.js";
import type { Page } from "./record-store.js";

/** Reads one record after the other; never beyond its end. */
export class RecordReader {
  #octets: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#octets.buffer);
  #start = 0;
  #at = 0;
  #end = 0;
  #mask = 0;
  #wide = 0;

  /** Points to the first `length` octets of a record. */
  reset(page: Page, start: number, length: number): this {
    this.#octets = page.octets;
    this.#view = page.view;
    this.#start = this.#at = start;
    this.#end = start + length;
    return this;
  }

  /** Octets from the beginning of the record. */
  get offset(): number {
    return this.#at - this.#start;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  u8(field: string): number {
    return this.#octets[this.#advance(1, field)]!;
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#advance(2, field), true);
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#advance(4, field), true);
  }

  f64(field: string): number {
    return this.#view.getFloat64(this.#advance(8, field), true);
  }

  /** Begins a group of numbers that `RecordWriter.sparse` wrote. */
  beginSparse(field: string): void {
    this.#mask = this.u16(field);
    this.#wide = this.u16(field);
  }

  sparse(field: string): number {
    const isThere = this.#mask & 1;
    const isWide = this.#wide & 1;
    this.#mask >>>= 1;
    this.#wide >>>= 1;
    if (!isThere) return 0;
    return isWide ? this.f64(field) : this.u32(field);
  }

  /** A view, valid as long as the record is. */
  take(count: number, field: string): Uint8Array {
    const at = this.#advance(count, field);
    return this.#octets.subarray(at, at + count);
  }

  skip(count: number, field: string): void {
    this.#advance(count, field);
  }

  /** Goes to a place that it has been at. */
  seek(offset: number): void {
    this.#at = this.#start + offset;
  }

  fail(field: string, problem: string): never {
    throw new RecordError(field, this.offset, problem);
  }

  #advance(count: number, field: string): number {
    const at = this.#at;
    if (count < 0 || at + count > this.#end) this.fail(field, "is cut off");
    this.#at = at + count;
    return at;
  }
}
