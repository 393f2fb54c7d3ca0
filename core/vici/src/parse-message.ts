import { ELEMENT } from "./element.js";
import { Section } from "./section.js";
import type { Element } from "./section.js";
import { ViciEncodingError } from "./vici-error.js";

/** Deeper than any message goes. */
const MAX_DEPTH = 64;

const utf8 = new TextDecoder();

/**
 * Reads a message. Total: any octets give a message or the error, in time linear in their number. Values are views of `octets`.
 * @throws {ViciEncodingError} CYG_VICI_ENCODING with the offset
 */
export function parseMessage(octets: Uint8Array): Section {
  const reader = new Reader(octets);
  const open: { readonly name: string; readonly elements: Map<string, Element> }[] = [];
  let elements = new Map<string, Element>();
  let at = 0;
  while ((at = reader.at) < octets.length) {
    const type = reader.octet();
    if (type === ELEMENT.SECTION_START) {
      if (open.length === MAX_DEPTH) throw new ViciEncodingError(at, `more than ${MAX_DEPTH} sections in one another`);
      open.push({ name: reader.name(), elements });
      elements = new Map();
    } else if (type === ELEMENT.SECTION_END) {
      const outer = open.pop();
      if (!outer) throw new ViciEncodingError(at, "the end of a section that was not begun");
      outer.elements.set(outer.name, new Section(elements));
      elements = outer.elements;
    } else if (type === ELEMENT.KEY_VALUE) elements.set(reader.name(), reader.value());
    else if (type === ELEMENT.LIST_START) elements.set(reader.name(), reader.items());
    else throw new ViciEncodingError(at, `element type ${type} where it cannot be`);
  }
  if (open.length > 0) throw new ViciEncodingError(at, "a section without an end");
  return new Section(elements);
}

class Reader {
  at = 0;

  constructor(private readonly octets: Uint8Array) {}

  octet(): number {
    if (this.at === this.octets.length) throw new ViciEncodingError(this.at, "an element without an end");
    return this.octets[this.at++]!;
  }

  name(): string {
    return utf8.decode(this.#take(this.octet()));
  }

  value(): Uint8Array {
    const high = this.octet();
    return this.#take((high << 8) | this.octet());
  }

  items(): readonly Uint8Array[] {
    const items: Uint8Array[] = [];
    for (;;) {
      const at = this.at;
      const type = this.octet();
      if (type === ELEMENT.LIST_END) return items;
      if (type !== ELEMENT.LIST_ITEM) throw new ViciEncodingError(at, `element type ${type} in a list`);
      items.push(this.value());
    }
  }

  #take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.octets.length)
      throw new ViciEncodingError(this.at, `${length} octets where ${this.octets.length - this.at} are left`);
    const taken = this.octets.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}
