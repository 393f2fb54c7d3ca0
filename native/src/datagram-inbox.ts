import { closeSync } from "node:fs";
import { loadBinding } from "./binding.js";
import { attempt } from "./native-error.js";
import { ReceivedSlots } from "./received-slots.js";
import type { NativeSlots } from "./received-slots.js";

/**
 * An inbox as all threads of the process know it: descriptors of its memory and of what wakes its reader. Whoever opened it closes them;
 * those who use it have their own by then.
 */
export interface InboxHandle {
  readonly memoryFd: number;
  readonly wakeFd: number;
}

export interface InboxStatus {
  /** Datagrams handed over by this reader. */
  readonly received: number;
  /** Datagrams that found their lane full, since the inbox was opened. */
  readonly dropped: number;
  /** Datagrams discarded for being longer than `maxPacketBytes`. */
  readonly oversized: number;
  /** First messages that there was no room for; see `admitFirst`. */
  readonly shed: number;
  /** Octets that wait in all lanes, and how many there is room for. */
  readonly queuedBytes: number;
  readonly bufferBytes: number;
}

export interface InboxOptions extends InboxHandle {
  /** Datagrams that may be held at a time, 1..4096, default 256. */
  readonly slots?: number;
  /** Longer datagrams are discarded and counted, 1..65507, default 10000. */
  readonly maxPacketBytes?: number;
}

/** The addon's class. */
interface NativeDatagramInbox extends NativeSlots {
  status(): InboxStatus;
  close(): void;
}

interface NativeRing {
  readonly DatagramInbox: new (options: InboxOptions) => NativeDatagramInbox;
  openInbox(lanes: number, laneBytes: number): InboxHandle;
}

const DEFAULT_SLOTS = 256;
const DEFAULT_MAX_PACKET = 10_000;

/**
 * Makes an empty inbox.
 *
 * @param lanes how many threads send to it, 1..1024: each has a ring of its own, so that none waits for another
 * @param laneBytes what one of them holds, 132 KiB (the default) to 64 MiB; a datagram takes its length and 64 octets. Unused memory costs
 *   nothing
 * @throws {NativeError} EMFILE, ENOMEM
 */
export function openInbox(lanes: number, laneBytes = 0): InboxHandle {
  return attempt(() => loadBinding<NativeRing>().openInbox(lanes, laneBytes));
}

/** Closes the descriptors of `openInbox`; those who read and send go on. */
export function closeInbox(inbox: InboxHandle): void {
  closeSync(inbox.memoryFd);
  closeSync(inbox.wakeFd);
}

/**
 * The reader of an inbox: datagrams of all lanes, in order per lane. What its slots do not hold stays in the rings; what is in the rings when
 * a reader is closed, or its thread ends, waits for the next one.
 *
 * Not for use across threads, and never two at a time on one inbox.
 */
export class DatagramInbox extends ReceivedSlots {
  readonly #native: NativeDatagramInbox;

  /** @throws {NativeError} EBADF or EINVAL for a descriptor that is no inbox */
  constructor(options: InboxOptions) {
    const { slots = DEFAULT_SLOTS, maxPacketBytes = DEFAULT_MAX_PACKET } = options;
    const Native = loadBinding<NativeRing>().DatagramInbox;
    const native = attempt(() => new Native({ ...options, slots, maxPacketBytes }));
    super(native, slots, maxPacketBytes);
    this.#native = native;
  }

  status(): InboxStatus {
    return this.#native.status();
  }

  /** More calls do nothing. Slots that are still held stay readable and may be released as before. */
  close(): void {
    this.#native.close();
  }
}
