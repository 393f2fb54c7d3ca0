import { ELEMENT, MAX_NAME, MAX_VALUE } from "./element.js";
import { ViciError } from "./vici-error.js";

/** What can be written as a value. Numbers are written in decimal, booleans as yes and no. */
export type Scalar = string | number | bigint | boolean | Uint8Array;
/** A message, or a section of one, as plain data. What is undefined is left out. */
export interface MessageData {
  readonly [name: string]: Scalar | readonly Scalar[] | MessageData | undefined;
}

const FIRST_SIZE = 256;
/** UTF-8 has at most three octets for each UTF-16 unit. */
const UTF8_FACTOR = 3;

const utf8 = new TextEncoder();

/** Writes a message element by element, in order, without a tree in between. */
export class MessageWriter {
  #octets = new Uint8Array(FIRST_SIZE);
  #length = 0;
  /** Open sections. */
  #depth = 0;

  /** Of all that was written. The view is valid until the next call. @throws {ViciError} CYG_VICI_ENCODING when sections are open */
  get octets(): Uint8Array {
    if (this.#depth !== 0) throw new ViciError("CYG_VICI_ENCODING", `${this.#depth} sections are not closed`);
    return this.#octets.subarray(0, this.#length);
  }

  /** Begins anew. */
  reset(): void {
    this.#length = 0;
    this.#depth = 0;
  }

  beginSection(name: string): this {
    this.#depth++;
    return this.#named(ELEMENT.SECTION_START, name);
  }

  endSection(): this {
    if (this.#depth === 0) throw new ViciError("CYG_VICI_ENCODING", "there is no section to close");
    this.#depth--;
    this.#reserve(1);
    this.#octets[this.#length++] = ELEMENT.SECTION_END;
    return this;
  }

  /** A key and its value. @throws {ViciError} CYG_VICI_LIMIT for a name above 255 octets or a value above 65535, also below */
  value(name: string, value: Scalar): this {
    this.#named(ELEMENT.KEY_VALUE, name);
    this.#counted(textOf(value), MAX_VALUE, 2);
    return this;
  }

  list(name: string, items: Iterable<Scalar>): this {
    this.#named(ELEMENT.LIST_START, name);
    for (const item of items) {
      this.#reserve(1);
      this.#octets[this.#length++] = ELEMENT.LIST_ITEM;
      this.#counted(textOf(item), MAX_VALUE, 2);
    }
    this.#reserve(1);
    this.#octets[this.#length++] = ELEMENT.LIST_END;
    return this;
  }

  /** All of plain data, into the section that is open. */
  data(data: MessageData): this {
    for (const [name, value] of Object.entries(data)) {
      if (value === undefined) continue;
      if (Array.isArray(value)) this.list(name, value as readonly Scalar[]);
      else if (typeof value === "object" && !(value instanceof Uint8Array))
        this.beginSection(name)
          .data(value as MessageData)
          .endSection();
      else this.value(name, value as Scalar);
    }
    return this;
  }

  #named(type: number, name: string): this {
    this.#reserve(1);
    this.#octets[this.#length++] = type;
    this.#counted(name, MAX_NAME, 1);
    return this;
  }

  /** A length of so many octets, and what has it. */
  #counted(value: string | Uint8Array, max: number, lengthOctets: 1 | 2): void {
    const isText = typeof value === "string";
    this.#reserve(lengthOctets + value.length * (isText ? UTF8_FACTOR : 1));
    const at = this.#length + lengthOctets;
    let length = value.length;
    if (isText) length = utf8.encodeInto(value, this.#octets.subarray(at)).written;
    else this.#octets.set(value, at);
    if (length > max)
      throw new ViciError("CYG_VICI_LIMIT", `${length} octets are more than the ${max} that a ${what(max)} can have`);
    if (lengthOctets === 2) this.#octets[this.#length++] = length >> 8;
    this.#octets[this.#length] = length & 0xff;
    this.#length = at + length;
  }

  #reserve(octets: number): void {
    const needed = this.#length + octets;
    if (needed <= this.#octets.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#octets.length));
    larger.set(this.#octets.subarray(0, this.#length));
    this.#octets = larger;
  }
}

/** A message of plain data, in octets of its own. */
export function encodeMessage(data: MessageData): Uint8Array {
  return new MessageWriter().data(data).octets.slice();
}

const what = (max: number): string => (max === MAX_NAME ? "name" : "value");

function textOf(value: Scalar): string | Uint8Array {
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  return typeof value === "boolean" ? (value ? "yes" : "no") : value.toString();
}
