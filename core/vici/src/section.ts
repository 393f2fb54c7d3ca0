/** What a name stands for: a value in octets, a list of such, or a section. */
export type Element = Uint8Array | readonly Uint8Array[] | Section;

const utf8 = new TextDecoder();

/**
 * A received message, or a section of one. Names keep their order; of a name that comes twice the last one counts. What is asked for in a way
 * that it is not has no answer: `text` of a list is undefined.
 */
export class Section implements Iterable<readonly [string, Element]> {
  constructor(private readonly elements: ReadonlyMap<string, Element>) {}

  get size(): number {
    return this.elements.size;
  }

  get names(): string[] {
    return [...this.elements.keys()];
  }

  get(name: string): Element | undefined {
    return this.elements.get(name);
  }

  /** The value as it is, such as a certificate. A view of the message. */
  octets(name: string): Uint8Array | undefined {
    const element = this.elements.get(name);
    return element instanceof Uint8Array ? element : undefined;
  }

  /** The value as text. */
  text(name: string): string | undefined {
    const octets = this.octets(name);
    return octets && utf8.decode(octets);
  }

  /** The value as a number, decimal or with 0x in hex. */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined || !/^-?(\d+|0x[\da-f]+)$/i.test(text)) return undefined;
    return text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
  }

  /** The value as strongswan.conf has booleans. */
  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return undefined;
    return ["yes", "true", "enabled", "1"].includes(text)
      ? true
      : ["no", "false", "disabled", "0"].includes(text)
        ? false
        : undefined;
  }

  /** The items of a list as text. */
  list(name: string): string[] | undefined {
    return this.octetsList(name)?.map((item) => utf8.decode(item));
  }

  octetsList(name: string): readonly Uint8Array[] | undefined {
    const element = this.elements.get(name);
    return Array.isArray(element) ? (element as readonly Uint8Array[]) : undefined;
  }

  section(name: string): Section | undefined {
    const element = this.elements.get(name);
    return element instanceof Section ? element : undefined;
  }

  /** All sections in it, in order. */
  *sections(): Iterable<readonly [string, Section]> {
    for (const [name, element] of this.elements) if (element instanceof Section) yield [name, element];
  }

  [Symbol.iterator](): Iterator<readonly [string, Element]> {
    return this.elements[Symbol.iterator]();
  }

  /** Plain data with all values as text, as `JSON.stringify` wants it. */
  toJSON(): Record<string, unknown> {
    const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [name, element] of this.elements)
      plain[name] =
        element instanceof Section
          ? element.toJSON()
          : element instanceof Uint8Array
            ? utf8.decode(element)
            : element.map((item) => utf8.decode(item));
    return plain;
  }
}
