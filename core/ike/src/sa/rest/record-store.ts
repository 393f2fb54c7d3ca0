import { InternalError } from "@cygnet/plugin-api";

/** Records take multiples of so many octets. */
const STEP_BYTES = 32;
/** Memory is got in pages of records of one size each. */
const PAGE_BYTES = 256 * 1024;
/** Bits of a handle that are the place on its page: as many as a page has of the smallest records. */
const PLACE_BITS = 13;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
/** Above, a record has a page of its own. */
const LARGEST_SHARED = 8 * 1024;

/** Pages of one size that have room, in no order. */
type Roomy = Page[];

/** Records of one size. Whoever holds a handle reads and writes the octets of its record here. */
export class Page {
  readonly octets: Uint8Array;
  readonly view: DataView;
  readonly #free: number[] = [];
  /** Places from here on were never used. */
  #untouched = 0;
  used = 0;
  /** Where it is among the pages with room; -1 while it has none. */
  roomyAt = -1;

  constructor(
    readonly number: number,
    readonly recordBytes: number,
    private readonly capacity: number,
  ) {
    this.octets = new Uint8Array(recordBytes * capacity);
    this.view = new DataView(this.octets.buffer);
  }

  get isFull(): boolean {
    return this.used === this.capacity;
  }

  take(): number {
    this.used++;
    return this.#free.pop() ?? this.#untouched++;
  }

  giveBack(place: number): void {
    this.octets.fill(0, place * this.recordBytes, (place + 1) * this.recordBytes);
    this.used--;
    this.#free.push(place);
  }
}

/**
 * Octets of what rests, in few large arrays that the garbage collector has no work with. A record has a size of its own, rounded up to the next
 * multiple of 32, and sits on a page of records of that size. What is released is zeroed: records hold keys. A page without records is freed.
 *
 * A handle is a positive integer of 31 bits, valid until it is released.
 */
export class RecordStore {
  /** By number, from 1, so that no handle is 0. */
  readonly #pages: (Page | undefined)[] = [undefined];
  readonly #freeNumbers: number[] = [];
  /** By size in steps; 0 for all that have a page of their own. */
  readonly #roomy: (Roomy | undefined)[] = [];
  #size = 0;
  #bytes = 0;

  /** Records. */
  get size(): number {
    return this.#size;
  }

  /** Octets of all pages. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A record of at least `length` octets, all zero. */
  allocate(length: number): number {
    const steps = Math.max(1, Math.ceil(length / STEP_BYTES));
    const roomy = (this.#roomy[steps * STEP_BYTES > LARGEST_SHARED ? 0 : steps] ??= []);
    const page = roomy.at(-1) ?? this.#addPage(steps * STEP_BYTES, roomy);
    const place = page.take();
    if (page.isFull) leave(roomy, page);
    this.#size++;
    return (page.number << PLACE_BITS) | place;
  }

  /** Where the octets of a record are. @throws {InternalError} for a handle that is none */
  page(handle: number): Page {
    const page = this.#pages[handle >>> PLACE_BITS];
    if (!page) throw new InternalError(`no record ${handle}`);
    return page;
  }

  /** Where a record begins on its page. */
  offset(handle: number): number {
    return (handle & PLACE_MASK) * this.page(handle).recordBytes;
  }

  /** Zeroes a record and gives it back. */
  release(handle: number): void {
    const page = this.page(handle);
    const roomy = this.#roomy[page.recordBytes > LARGEST_SHARED ? 0 : page.recordBytes / STEP_BYTES]!;
    page.giveBack(handle & PLACE_MASK);
    this.#size--;
    if (page.roomyAt < 0) enter(roomy, page);
    // One page without records is kept for each size: a single SA that wakes and rests would otherwise get a new one each time.
    if (page.used === 0 && (roomy.length > 1 || page.recordBytes > LARGEST_SHARED)) this.#removePage(page, roomy);
  }

  #addPage(recordBytes: number, roomy: Roomy): Page {
    const number = this.#freeNumbers.pop() ?? this.#pages.length;
    const page = new Page(number, recordBytes, recordBytes > LARGEST_SHARED ? 1 : Math.floor(PAGE_BYTES / recordBytes));
    this.#pages[number] = page;
    this.#bytes += page.octets.length;
    enter(roomy, page);
    return page;
  }

  #removePage(page: Page, roomy: Roomy): void {
    leave(roomy, page);
    this.#pages[page.number] = undefined;
    this.#freeNumbers.push(page.number);
    this.#bytes -= page.octets.length;
  }
}

function enter(roomy: Roomy, page: Page): void {
  page.roomyAt = roomy.length;
  roomy.push(page);
}

function leave(roomy: Roomy, page: Page): void {
  const last = roomy.pop()!;
  if (last !== page) {
    roomy[page.roomyAt] = last;
    last.roomyAt = page.roomyAt;
  }
  page.roomyAt = -1;
}
