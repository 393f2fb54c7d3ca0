import { closeSync, write, writeSync } from "node:fs";
import type { Timer, TimerSource } from "../timer-source.js";
import { LineBatch } from "./line-batch.js";

/** Octets collected before they are written, unless somebody flushes earlier. */
const BUFFER_BYTES = 64 * 1024;
/** Octets waiting for a disk or reader that does not keep up; lines beyond are dropped and counted, as memory is for IKE_SAs. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;
/** How long a line may wait for a flush when no busy turn brings one. */
const FLUSH_MS = 100;
/** Pause before a full pipe or terminal is tried again. */
const RETRY_MS = 20;
/** How long the end waits for a disk or reader that takes nothing at all. */
const END_PATIENCE_MS = 1000;
const LINE_FEED = Buffer.from("\n");
/** The most octets of UTF-8 per UTF-16 code unit. */
const MAX_UTF8_RATIO = 3;

/** What a `LineWriter` writes to and tells its troubles. */
export interface LineWriterOptions {
  /** An open descriptor that blocks nobody but the writing thread of libuv's pool. */
  readonly fd: number;
  /** Whether the descriptor is closed at the end. */
  readonly owned: boolean;
  /** Start writing with every line. */
  readonly flushLine: boolean;
  readonly timers: TimerSource;
  /** Told once when writing begins to fail, and once when it works again, with the number of lines lost meanwhile. */
  readonly onTrouble: (error: NodeJS.ErrnoException | undefined, lost: number) => void;
}

/**
 * Appends lines to a descriptor from a buffer, with one write at a time in the background: a slow or full disk delays nothing and throws
 * nothing. Order is kept.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  readonly #timer: Timer;
  readonly #batch = new LineBatch();
  #buffer: Buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #used = 0;
  #lines = 0;
  /** A buffer to go on with while the other one is being written. */
  #spare: Buffer | undefined;
  readonly #backlog: { readonly bytes: Buffer; readonly lines: number }[] = [];
  #backlogBytes = 0;
  #writing = false;
  /** The background uses the descriptor at this moment. */
  #inKernel = false;
  /** Somebody wanted a flush while a write was under way. */
  #again = false;
  #failing = false;
  #lost = 0;
  /** What was written last ends within a line, because no more of it was taken. */
  #isTorn = false;
  #timed = false;
  #ended: (() => void) | undefined;
  /** Runs while the end waits, and ends that when nothing was taken for so long. */
  readonly #patience: Timer;
  #closed = false;

  constructor(options: LineWriterOptions) {
    this.#options = options;
    this.#timer = options.timers.timer(() => {
      this.#timed = false;
      this.flush();
    });
    this.#patience = options.timers.timer(() => this.#close(), true);
  }

  /** Adds lines, each with its line feed. After `end` they are dropped. */
  write(text: string): void {
    if (this.#closed) return;
    this.#encodeBatch();
    this.#encode(text, 1);
    this.#scheduleFlush();
  }

  /** Adds a message with its prefix; control characters are escaped, and the prefix repeated if it has several lines. */
  writeMessage(prefix: string, message: string): void {
    if (this.#closed) return;
    if (this.#batch.add(prefix, message)) this.#encodeBatch();
    this.#scheduleFlush();
  }

  /** The octets are looked at, not the characters of the strings, because this sees everything that is ever logged. */
  #encodeBatch(): void {
    const batch = this.#batch;
    const { lines } = batch;
    if (lines === 0) return;
    if (batch.length * MAX_UTF8_RATIO > BUFFER_BYTES) this.#encode(batch.cleanText(), lines);
    else {
      const start = this.#encode(batch.plainText(), lines);
      if (start >= 0 && !isPrintable(this.#buffer, start, this.#used, lines)) {
        this.#used = start;
        this.#lines -= lines;
        this.#encode(batch.cleanText(), lines);
      }
    }
    batch.clear();
  }

  /** @returns where the octets begin in the buffer, -1 if they did not get into it */
  #encode(text: string, lines: number): number {
    const most = text.length * MAX_UTF8_RATIO;
    if (most > BUFFER_BYTES - this.#used) this.#rotate();
    if (this.#backlogBytes > MAX_BACKLOG_BYTES) {
      this.#lost += lines;
      return -1;
    }
    if (most > BUFFER_BYTES) {
      this.#push(Buffer.from(text, "utf8"), lines);
      return -1;
    }
    const start = this.#used;
    this.#used += this.#buffer.write(text, start, "utf8");
    this.#lines += lines;
    return start;
  }

  #scheduleFlush(): void {
    if (this.#options.flushLine || (this.#backlog.length > 0 && !this.#writing)) this.flush();
    else if (!this.#timed) {
      this.#timed = true;
      this.#timer.arm(FLUSH_MS);
    }
  }

  /** Starts writing what is buffered. */
  flush(): void {
    if (this.#closed) return;
    if (this.#writing) {
      this.#again = true;
      return;
    }
    this.#again = false;
    if (this.#timed) {
      this.#timed = false;
      this.#timer.disarm();
    }
    // What is buffered by now belongs to this flush, also if older buffers come first.
    this.#encodeBatch();
    this.#rotate();
    const next = this.#backlog.shift();
    if (next === undefined) return;
    this.#backlogBytes -= next.bytes.length;
    this.#writing = true;
    this.#write(this.#isTorn ? Buffer.concat([LINE_FEED, next.bytes]) : next.bytes, next.lines);
  }

  /** Writes what is buffered before it returns; what the background is writing at that moment is left to it. */
  flushSync(): void {
    if (this.#closed) return;
    this.#encodeBatch();
    this.#rotate();
    for (const { bytes } of this.#backlog.splice(0)) {
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(this.#options.fd, bytes, at);
      } catch {
        // The process is about to end, and the log is what it would be told to.
        break;
      }
    }
    this.#backlogBytes = 0;
  }

  /** Writes the rest and closes the descriptor; settles when that is done, or when nobody takes the rest, which is lost then. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#ended = resolve;
      this.#timer.disarm();
      this.#patience.arm(END_PATIENCE_MS);
      this.flush();
      if (!this.#writing) this.#close();
    });
  }

  #rotate(): void {
    if (this.#used === 0) return;
    this.#push(this.#buffer.subarray(0, this.#used), this.#lines);
    this.#buffer = this.#spare ?? Buffer.allocUnsafe(BUFFER_BYTES);
    this.#spare = undefined;
    this.#used = this.#lines = 0;
  }

  #push(bytes: Buffer, lines: number): void {
    this.#backlog.push({ bytes, lines });
    this.#backlogBytes += bytes.length;
  }

  #write(bytes: Buffer, lines: number): void {
    if (this.#closed) return;
    this.#inKernel = true;
    write(this.#options.fd, bytes, 0, bytes.length, null, (error, written) => {
      this.#inKernel = false;
      if (this.#closed) return this.#closeDescriptor();
      if (error?.code === "EAGAIN") {
        // A terminal that is stopped, or a pipe to a program that does not keep up.
        this.#options.timers.timer(() => this.#write(bytes, lines), true).arm(RETRY_MS);
        return;
      }
      if (this.#ended) this.#patience.arm(END_PATIENCE_MS);
      if (written > 0) this.#isTorn = bytes[written - 1] !== LINE_FEED[0];
      if (error) {
        this.#lost += Math.min(lines, lineFeeds(bytes));
        if (!this.#failing) this.#options.onTrouble(error, 0);
        this.#failing = true;
        this.#done();
      } else if (written < bytes.length) {
        this.#write(bytes.subarray(written), lines);
      } else {
        this.#recovered();
        this.#spare ??= bytes.buffer.byteLength === BUFFER_BYTES ? Buffer.from(bytes.buffer) : undefined;
        this.#done();
      }
    });
  }

  #recovered(): void {
    this.#failing = false;
    // With a backlog still full, the report itself would be lost.
    if (this.#lost === 0 || this.#backlogBytes > MAX_BACKLOG_BYTES / 2) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.#options.onTrouble(undefined, lost);
  }

  #done(): void {
    this.#writing = false;
    if (this.#again || this.#backlog.length > 0 || this.#ended) this.flush();
    if (this.#ended && !this.#writing) this.#close();
  }

  #close(): void {
    this.#patience.disarm();
    if (!this.#closed) {
      this.#closed = true;
      if (!this.#inKernel) this.#closeDescriptor();
    }
    this.#ended?.();
  }

  #closeDescriptor(): void {
    if (!this.#options.owned) return;
    try {
      closeSync(this.#options.fd);
    } catch {
      // Nothing is left that anybody takes; there is nothing a failing close could lose.
    }
  }
}

function lineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (const octet of bytes) if (octet === LINE_FEED[0]) count++;
  return count;
}

/**
 * Whether UTF-8 text has as many line feeds as lines, and else no control characters but tabs: not those of ASCII, nor those between U+0080
 * and U+009F (0xC2, then 0x80 to 0x9F).
 */
function isPrintable(bytes: Uint8Array, start: number, end: number, lines: number): boolean {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let feeds = 0;
  for (let i = start; i < end; i++) {
    // Nearly all octets are passed over by fours.
    while (i + 4 <= end && isPlainAscii(words.getInt32(i))) i += 4;
    if (i === end) break;
    const octet = bytes[i];
    if (octet < 0x20) {
      if (octet === 0x0a) feeds++;
      else if (octet !== 0x09) return false;
    } else if (octet === 0x7f || (octet === 0xc2 && bytes[i + 1] < 0xa0)) return false;
  }
  return feeds === lines;
}

/** Whether four octets are all from 0x20 to 0x7e: neither they, nor they less 0x20, nor they and one have the top bit set. */
function isPlainAscii(word: number): boolean {
  return ((word | (word - 0x20202020) | (word + 0x01010101)) & 0x80808080) === 0;
}
