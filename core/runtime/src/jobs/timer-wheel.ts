/** Levels of the wheel, each 256 times coarser than the one below. */
const LEVELS = 4;
const SLOTS = 256;
const HEADS = LEVELS * SLOTS;
/** Ticks that one turn of the whole wheel spans; longer waits are for the caller to split. */
export const MAX_WHEEL_TICKS = 2 ** 31 - 1;

/**
 * A hierarchical timer wheel of numbered entries: arming and disarming cost a few stores, and an elapsed tick costs the same whether ten
 * or a quarter of a million entries wait. 12 octets per entry in typed arrays, nothing for the garbage collector.
 *
 * Entries are 0 .. capacity-1, chosen by the caller.
 */
export class TimerWheel {
  // Circular doubly linked lists: nodes below HEADS are the list heads of the slots, the entries follow.
  #next: Int32Array;
  #previous: Int32Array;
  /** Due tick of an entry. */
  #due: Uint32Array;
  /** One bit per slot that is not empty, to find the next one without walking. */
  readonly #occupied = new Int32Array((LEVELS * SLOTS) / 32);
  #elapsed = 0;
  /** `#elapsed` as unsigned 32 bit, which is what slots are computed from. */
  #current = 0;
  #moves = 0;

  constructor(capacity: number) {
    this.#next = new Int32Array(HEADS + capacity);
    this.#previous = new Int32Array(HEADS + capacity);
    this.#due = new Uint32Array(capacity);
    for (let i = 0; i < HEADS; i++) this.#next[i] = this.#previous[i] = i;
  }

  /** Ticks since the wheel was made, up to which everything was expired. Does not wrap. */
  get elapsedTicks(): number {
    return this.#elapsed;
  }

  /** How often an entry was moved to a finer level as its time came closer: what passing ticks cost beside those that expire. */
  get moves(): number {
    return this.#moves;
  }

  get capacity(): number {
    return this.#due.length;
  }

  /** Makes room; entries keep their numbers. */
  grow(capacity: number): void {
    const next = new Int32Array(HEADS + capacity);
    const previous = new Int32Array(HEADS + capacity);
    const due = new Uint32Array(capacity);
    next.set(this.#next);
    previous.set(this.#previous);
    due.set(this.#due);
    this.#next = next;
    this.#previous = previous;
    this.#due = due;
  }

  /** Arms an entry that is not armed. @param ticks 1 .. MAX_WHEEL_TICKS from the current tick */
  arm(entry: number, ticks: number): void {
    this.#due[entry] = this.#current + ticks;
    this.#place(entry, ticks);
  }

  /** Takes an armed entry out. */
  disarm(entry: number): void {
    this.#unlink(HEADS + entry);
  }

  /**
   * Moves to a later tick, `ticks` ahead, and hands over what is due, by due tick. `expired` may arm and disarm at will; what it arms
   * counts from the tick that is being expired.
   */
  advance(ticks: number, expired: (entry: number) => void): void {
    let left = ticks;
    while (left > 0) {
      const step = Math.min(left, this.ticksToWork());
      this.#elapsed += step;
      this.#current = this.#elapsed >>> 0;
      left -= step;
      if ((this.#current & (SLOTS - 1)) === 0) this.#cascade();
      this.#expireSlot(this.#current & (SLOTS - 1), expired);
    }
  }

  /** Ticks until the wheel next has something to do (expire or move entries closer); Infinity when it is empty. */
  ticksToWork(): number {
    let best = Infinity;
    for (let level = 0; level < LEVELS; level++) {
      const shift = 8 * level;
      const position = (this.#current >>> shift) & (SLOTS - 1);
      const distance = this.#distance(level, position);
      if (distance === 0) continue;
      // A slot of a higher level is looked at when the levels below wrap to zero.
      const ticks = distance * 2 ** shift - (this.#current & (2 ** shift - 1));
      if (ticks < best) best = ticks;
    }
    return best;
  }

  /** Slots from `position` (exclusive, going around) to the next occupied one: 1..256, or 0 when the level is empty. */
  #distance(level: number, position: number): number {
    const occupied = this.#occupied;
    const base = level * (SLOTS / 32);
    const start = (position + 1) & (SLOTS - 1);
    let word = start >>> 5;
    let bits = occupied[base + word] & (-1 << (start & 31));
    for (let i = 0; i <= SLOTS / 32; i++) {
      if (bits !== 0) {
        const slot = (word << 5) + 31 - Math.clz32(bits & -bits);
        return ((slot - position - 1) & (SLOTS - 1)) + 1;
      }
      word = (word + 1) & (SLOTS / 32 - 1);
      bits = occupied[base + word];
    }
    return 0;
  }

  /** Moves the entries of the slots that the wrapped levels now point to into lower levels. */
  #cascade(): void {
    for (let level = 1; level < LEVELS; level++) {
      const slot = (this.#current >>> (8 * level)) & (SLOTS - 1);
      const head = level * SLOTS + slot;
      for (let node = this.#next[head]; node !== head; node = this.#next[head]) {
        this.#unlink(node);
        const entry = node - HEADS;
        this.#place(entry, (this.#due[entry] - this.#current) >>> 0);
        this.#moves++;
      }
      if (slot !== 0) return;
    }
  }

  #expireSlot(slot: number, expired: (entry: number) => void): void {
    // Nothing armed meanwhile can land here, as it is due at least one tick later and this slot's turn then is another.
    for (let node = this.#next[slot]; node !== slot; node = this.#next[slot]) {
      this.#unlink(node);
      expired(node - HEADS);
    }
  }

  #place(entry: number, ticks: number): void {
    const level = ticks < 0x100 ? 0 : ticks < 0x1_0000 ? 1 : ticks < 0x100_0000 ? 2 : 3;
    const head = level * SLOTS + ((this.#due[entry] >>> (8 * level)) & (SLOTS - 1));
    const node = HEADS + entry;
    const last = this.#previous[head];
    this.#next[node] = head;
    this.#previous[node] = last;
    this.#next[last] = node;
    this.#previous[head] = node;
    this.#occupied[head >>> 5] |= 1 << (head & 31);
  }

  #unlink(node: number): void {
    const next = this.#next[node];
    const previous = this.#previous[node];
    this.#next[previous] = next;
    this.#previous[next] = previous;
    if (next === previous && next < HEADS) this.#occupied[next >>> 5] &= ~(1 << (next & 31));
  }
}
