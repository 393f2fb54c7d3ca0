import type { Clock, Host } from "@cygnet/plugin-api";
import { IKE_HEADER_BYTES } from "@cygnet/wire";
import type { IkeHeader } from "@cygnet/wire";
import { OctetArena } from "../octet-arena.js";
import type { IkeSa } from "./ike-sa.js";
import { spiKey } from "./spi-table.js";

/** How long an answer is kept: the last retransmission of a peer with the default options comes after 89 seconds. */
const KEPT_MS = 100_000;
/**
 * Answers kept at most, some 450 octets each; beyond, the oldest goes. Enough for a peer's first retransmission, 4 seconds later by default,
 * while 2,000 IKE_SAs a second are closed.
 */
const MAX_KEPT = 8192;
/** Octets of an answer that is kept: what ends an IKE_SA is an empty message or one error notify. */
const MAX_BYTES = 1024;
/** Times that an answer is given: more than any peer asks; who replays a recorded request shall not have it sent for ever. */
const MAX_REPEATS = 32;

/** The last answer of an IKE_SA that is gone. */
export interface ClosedResponse {
  /** With the room for the marker, as `Sender` takes them. */
  readonly datagrams: readonly Uint8Array[];
  readonly local: Host;
  readonly remote: Host;
  readonly dscp: number;
  /** Header and integrity checksum of the request, one behind the other. */
  readonly request: Uint8Array;
  readonly untilMs: number;
  repeats: number;
}

/**
 * The answers that IKE_SAs ended with: a DELETE that was confirmed, an authentication that was refused. Who did not get it asks again, and
 * must get the same answer (RFC 7296 section 2.1), though the IKE_SA with its keys is gone.
 *
 * Without keys a request cannot be verified any more, so it must be the very one that was verified before: the same header and the same
 * integrity checksum, which stands for all octets that it covers and which nobody can guess. And the answer goes where it went before,
 * wherever the request comes from, so that it is of no use to who replays one. Of a fragmented request, the fragment that came last stands
 * for the whole, so each repetition of all fragments is answered once (RFC 7383 section 2.6.1).
 *
 * No timer runs for this: what is too old is found to be so when it is asked for, and goes when another IKE_SA is closed.
 */
export class ClosedResponses {
  /** By our SPI, the oldest first. */
  readonly #kept = new Map<number, ClosedResponse>();
  /** Of its own, as pieces of the others would keep chunks of longer or shorter lives from being freed. */
  #octets: OctetArena | undefined;

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.#kept.size;
  }

  /** Whether the IKE_SA ended with an answer of ours. */
  has({ ownSpiHi, ownSpiLo }: IkeSa): boolean {
    return this.#kept.has(spiKey(ownSpiHi, ownSpiLo));
  }

  /**
   * @param request octets of the message that was answered, without marker; its text may be decrypted
   * @param datagrams the answer, copied; one that is too long to be kept is not
   */
  remember(ikeSa: IkeSa, request: Uint8Array, datagrams: readonly Uint8Array[]): void {
    const { suite, local, remote } = ikeSa;
    if (!suite || datagrams.reduce((sum, { length }) => sum + length, 0) > MAX_BYTES) return;
    const now = this.clock.nowMs;
    for (const [key, { untilMs }] of this.#kept) {
      if (untilMs > now && this.#kept.size < MAX_KEPT) break;
      this.#kept.delete(key);
    }
    const octets = (this.#octets ??= new OctetArena());
    const print = octets.take(IKE_HEADER_BYTES + suite.icvBytes);
    print.set(request.subarray(0, IKE_HEADER_BYTES));
    print.set(request.subarray(request.length - suite.icvBytes), IKE_HEADER_BYTES);
    this.#kept.set(spiKey(ikeSa.ownSpiHi, ikeSa.ownSpiLo), {
      datagrams: datagrams.map((datagram) => octets.copy(datagram)),
      local,
      remote,
      dscp: ikeSa.ikeConfig?.dscp ?? 0,
      request: print,
      untilMs: now + KEPT_MS,
      repeats: 0,
    });
  }

  /**
   * The answer to a request that came again.
   * @param message its octets without marker
   */
  find(header: IkeHeader, message: Uint8Array): ClosedResponse | undefined {
    if (this.#kept.size === 0 || header.isResponse) return undefined;
    const found = header.isInitiator
      ? this.#kept.get(spiKey(header.spiResponderHi, header.spiResponderLo))
      : this.#kept.get(spiKey(header.spiInitiatorHi, header.spiInitiatorLo));
    if (!found || found.untilMs <= this.clock.nowMs || found.repeats >= MAX_REPEATS) return undefined;
    if (!isOf(message, found.request)) return undefined;
    found.repeats++;
    return found;
  }
}

/** Whether a message has this header and checksum. Takes as long for any other: no checksum is to be found octet by octet. */
function isOf(message: Uint8Array, print: Uint8Array): boolean {
  const skipped = message.length - print.length;
  if (skipped < 0) return false;
  let difference = 0;
  for (let i = 0; i < IKE_HEADER_BYTES; i++) difference |= message[i]! ^ print[i]!;
  for (let i = IKE_HEADER_BYTES; i < print.length; i++) difference |= message[skipped + i]! ^ print[i]!;
  return difference === 0;
}
