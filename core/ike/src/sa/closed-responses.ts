import type { Clock } from "@cygnet/plugin-api";
import { PayloadType } from "@cygnet/wire";
import type { IkeHeader } from "@cygnet/wire";
import type { IkeSa } from "./ike-sa.js";
import { spiKey } from "./spi-table.js";

/** How long an answer is kept: with the default retransmissions, a peer asks five times in 47 seconds. */
const KEPT_MS = 60_000;
/** Answers kept at most, some 300 octets each; beyond, the oldest goes: a peer that deletes all its IKE_SAs at once, or an attacker. */
const MAX_KEPT = 4096;
/** Where the fragment number lies in a message that is one fragment (RFC 7383 section 2.5). */
const FRAGMENT_NUMBER_AT = 32;

/** The last answer of an IKE_SA that is gone. */
export interface ClosedResponse {
  /** With the room for the marker, as `Sender` takes them. */
  readonly datagrams: readonly Uint8Array[];
  readonly dscp: number;
  readonly isInitiator: boolean;
  readonly ownSpiHi: number;
  readonly peerSpiHi: number;
  readonly peerSpiLo: number;
  readonly messageId: number;
  readonly untilMs: number;
}

/**
 * The answers that IKE_SAs ended with: a DELETE that was confirmed, an authentication that was refused. Who did not get it asks again, and
 * must get the same answer (RFC 7296 section 2.1), though the IKE_SA with its keys is gone.
 *
 * Asking takes both SPIs and the right message id, which is what a living IKE_SA goes by, too; nobody gets more octets than were sent before.
 */
export class ClosedResponses {
  /** By our SPI, the oldest first. */
  readonly #kept = new Map<number, ClosedResponse>();

  constructor(private readonly clock: Clock) {}

  /** @param datagrams kept, not copied */
  remember(ikeSa: IkeSa, messageId: number, datagrams: readonly Uint8Array[]): void {
    const now = this.clock.nowMs;
    for (const [key, { untilMs }] of this.#kept) {
      if (untilMs > now && this.#kept.size < MAX_KEPT) break;
      this.#kept.delete(key);
    }
    this.#kept.set(spiKey(ikeSa.ownSpiHi, ikeSa.ownSpiLo), {
      datagrams,
      dscp: ikeSa.ikeConfig?.dscp ?? 0,
      isInitiator: ikeSa.isInitiator,
      ownSpiHi: ikeSa.ownSpiHi,
      peerSpiHi: ikeSa.peerSpiHi,
      peerSpiLo: ikeSa.peerSpiLo,
      messageId,
      untilMs: now + KEPT_MS,
    });
  }

  /**
   * The answer to a request that came again; of a fragmented one, to its first fragment alone (RFC 7383 section 2.6.1).
   * @param message its octets without marker
   */
  find(header: IkeHeader, message: Uint8Array): ClosedResponse | undefined {
    if (this.#kept.size === 0 || header.isResponse) return undefined;
    const { isInitiator } = header;
    const ownHi = isInitiator ? header.spiResponderHi : header.spiInitiatorHi;
    const ownLo = isInitiator ? header.spiResponderLo : header.spiInitiatorLo;
    const peerHi = isInitiator ? header.spiInitiatorHi : header.spiResponderHi;
    const peerLo = isInitiator ? header.spiInitiatorLo : header.spiResponderLo;
    const found = this.#kept.get(spiKey(ownHi, ownLo));
    if (!found || found.isInitiator === isInitiator || found.untilMs <= this.clock.nowMs) return undefined;
    if (found.ownSpiHi !== ownHi || found.peerSpiHi !== peerHi || found.peerSpiLo !== peerLo) return undefined;
    if (found.messageId !== header.messageId || isLaterFragment(header, message)) return undefined;
    return found;
  }
}

function isLaterFragment(header: IkeHeader, message: Uint8Array): boolean {
  if (header.nextPayload !== PayloadType.SKF) return false;
  return message[FRAGMENT_NUMBER_AT] !== 0 || message[FRAGMENT_NUMBER_AT + 1] !== 1;
}
