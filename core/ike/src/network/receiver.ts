import { LogGroup } from "@cygnet/plugin-api";
import type { Packet, ReceiveBatch } from "@cygnet/plugin-api";
import { hexDump } from "@cygnet/runtime";
import {
  ExchangeType,
  IKE_HEADER_BYTES,
  IkeFlags,
  IkeHeader,
  NotifyType,
  PayloadType,
  WireError,
  Writer,
  describeMessage,
  generateMessage,
  makeNotifyPayload,
  parseHeader,
} from "@cygnet/wire";
import type { Payload } from "@cygnet/wire";
import type { IkeContext } from "../ike-context.js";
import { MARKER_BYTES, describe } from "../sa/ikev2/message-codec.js";
import { receiveDelay } from "./delays.js";
import { CookieJar } from "./cookie-jar.js";
import type { DaemonCounts } from "./daemon-counts.js";
import { FirstMessages } from "./first-messages.js";
import { hasMarker } from "./marker.js";
import { ProcessMessageJob } from "./process-message-job.js";

/**
 * Octets that a first message cannot do without: header, an SA payload with one proposal of one transform, a KE payload with a public value,
 * a Nonce payload with the 16 octets that RFC 7296 section 3.9 asks for. More than a COOKIE answer has.
 */
const MIN_FIRST_BYTES = IKE_HEADER_BYTES + (4 + 8 + 8) + (8 + 1) + (4 + 16);
/** Octets of the notify that tells our version. */
const VERSION_NOTIFY_BYTES = 8 + 1;

/**
 * First messages of a turn that get a COOKIE, or are refused, while there is other work: what that costs may not keep work waiting. More of them
 * are dropped by the socket.
 */
const REFUSED_PER_TURN = 32;
/** The same while there is nothing else to do. */
const REFUSED_WHEN_IDLE = 224;
/** How long that holds: more turns than that may pass until a socket is read again. */
const REFUSING_MS = 100;

/** Once cookies were needed they stay on for this long: an attacker who pauses gains nothing. */
const COOKIE_CALM_DOWN_MS = 10_000;
/** Buckets of addresses for which the calm-down is kept. */
const COOKIE_BUCKETS = 32;

/**
 * Looks at the 28 octets of each datagram's IKE header, keeps floods of first messages out, and queues what is worth work. Nothing it
 * reads is authenticated: it answers with at most one datagram, never larger than the request, and keeps no state but counts. A request that
 * is too small to be answered so gets no answer.
 */
export class Receiver {
  readonly #header = new IkeHeader();
  readonly #cookies: CookieJar;
  readonly firstMessages: FirstMessages;
  #cookiesUntilMs = 0;
  readonly #bucketUntilMs = new Float64Array(COOKIE_BUCKETS);
  #warnedThresholds = false;
  /** First messages since the last turn's end that got a COOKIE, and that were refused; and until when there is little room for such. */
  #asked = 0;
  #refused = 0;
  #askingUntilMs = 0;
  #refusingUntilMs = 0;

  constructor(
    private readonly context: IkeContext,
    private readonly daemonCounts: DaemonCounts,
  ) {
    this.#cookies = new CookieJar(context.crypto, context.random, context.clock);
    this.firstMessages = new FirstMessages({
      clock: context.clock,
      log: context.log,
      processor: context.processor,
      // What the peer waits is its own affair; most have what we have.
      maxAgeMs: () => context.options.retransmit_timeout * 1000,
      shed: (job) => context.manager.giveUpFirst(job),
    });
  }

  /** Takes a batch from the socket. */
  readonly receive: ReceiveBatch = (packets, count) => {
    for (let i = 0; i < count; i++) if (!this.#accept(packets[i]!)) packets[i]!.release();
  };

  /** Lets first messages go that have their turn, and tells the socket how many more there is room for. For the end of each turn. */
  endTurn(): void {
    this.firstMessages.release();
    const { sockets, processor, clock } = this.context;
    const now = clock.nowMs;
    if (this.#asked >= REFUSED_PER_TURN) this.#askingUntilMs = now + REFUSING_MS;
    if (this.#refused >= REFUSED_PER_TURN) this.#refusingUntilMs = now + REFUSING_MS;
    const { room } = this.firstMessages;
    const few = processor.load > 0 ? REFUSED_PER_TURN : REFUSED_WHEN_IDLE;
    const withCookie = now < this.#refusingUntilMs ? few : room;
    sockets.socket?.admitFirst?.(now < this.#askingUntilMs ? few : withCookie, withCookie);
    this.#asked = this.#refused = 0;
  }

  /** @returns whether the packet now belongs to a job */
  #accept(packet: Packet): boolean {
    const { interfaces, log } = this.context;
    if (log.enabled(LogGroup.NET, 3))
      log.log(LogGroup.NET, 3, hexDump("received packet", packet.data.subarray(0, packet.length)));
    if (interfaces && !interfaces.has(packet.destination)) return this.#ignoreInterface(packet);
    const offset = this.#messageOffset(packet);
    if (offset < 0) return false;
    const header = new IkeHeader();
    const bytes =
      offset === 0 && packet.data.length === packet.length ? packet.data : packet.data.subarray(offset, packet.length);
    try {
      parseHeader(bytes, bytes.length, header);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.context.counters.malformedHeader++;
      this.context.log.log(LogGroup.NET, 1, `received invalid IKE header from ${packet.source} - ignored`);
      this.context.bus.alert(undefined, { alert: "parse-error-header" });
      return false;
    }
    if (header.majorVersion !== 2) return this.#refuseVersion(packet, header);
    const isFirst = isFirstMessage(header);
    if (isFirst && header.length < MIN_FIRST_BYTES) return this.#refuseShort(packet);
    if (isFirst && !this.#letIn(packet, header, bytes)) return false;
    if (isFirst && !this.#hasRoom(header, bytes, packet)) return false;
    const job = new ProcessMessageJob(this.context.manager, packet, offset, header, isFirst);
    if (isFirst) {
      this.daemonCounts.enter(packet.source);
      this.context.manager.awaitFirst(job);
    }
    const { options, processor, scheduler } = this.context;
    const delayMs = options.receive_delay === 0 ? 0 : receiveDelay(options, header);
    if (delayMs === 0) {
      if (isFirst) this.firstMessages.add(job);
      else processor.queue(job);
    } else {
      this.context.log.log(LogGroup.NET, 1, `using receive delay: ${delayMs}ms`);
      scheduler.schedule(job, delayMs);
    }
    return true;
  }

  #ignoreInterface({ source, destination }: Packet): false {
    this.context.counters.ignoredInterface++;
    this.context.log.log(LogGroup.NET, 2, `received packet from ${source} to ${destination} on ignored interface, dropped`);
    return false;
  }

  /** Where the IKE message begins in the datagram; negative when there is none. */
  #messageOffset(packet: Packet): number {
    const { data, length } = packet;
    if (length === 1 && data[0] === 0xff) {
      this.context.counters.keepalives++;
      return -1;
    }
    if (!hasMarker(this.context.sockets.socket, packet.destination.port, packet.source.port)) return 0;
    if (length < MARKER_BYTES || data[0] !== 0 || data[1] !== 0 || data[2] !== 0 || data[3] !== 0) {
      this.context.counters.notIke++;
      const { log } = this.context;
      if (log.enabled(LogGroup.NET, 2))
        log.log(LogGroup.NET, 2, `received datagram from ${packet.source} that is not IKE, ignored`);
      return -1;
    }
    return MARKER_BYTES;
  }

  /** RFC 7296 section 2.5: a higher major version is answered, a lower one is no concern of this receiver. */
  #refuseVersion(packet: Packet, header: IkeHeader): false {
    this.context.counters.version++;
    const { majorVersion, minorVersion } = header;
    const hasRoom = header.length >= IKE_HEADER_BYTES + VERSION_NOTIFY_BYTES;
    const answered = majorVersion > 2 && hasRoom && (header.flags & IkeFlags.RESPONSE) === 0;
    const what = answered ? ", sending INVALID_MAJOR_VERSION" : ", ignored";
    this.context.log.log(
      LogGroup.NET,
      1,
      `received unsupported IKE version ${majorVersion}.${minorVersion} from ${packet.source}${what}`,
    );
    if (answered) this.#reply(packet, header, makeNotifyPayload(NotifyType.INVALID_MAJOR_VERSION, Uint8Array.of(2)));
    return false;
  }

  /** Before the gates, as it makes no IKE_SA, whatever they say. */
  #refuseShort(packet: Packet): false {
    this.context.counters.malformed++;
    this.context.log.log(LogGroup.NET, 1, `received IKE_SA_INIT request from ${packet.source} that is too short, ignored`);
    this.context.bus.alert(undefined, { alert: "parse-error-body" });
    return false;
  }

  // --- gates for first messages, in strongSwan's order ---

  /**
   * A first message that was let in before is let in again, as it makes no new IKE_SA: whoever lost the answer is not shut out by its own
   * IKE_SA being half open, nor sent a COOKIE that may cross the answer.
   */
  #letIn(packet: Packet, header: IkeHeader, bytes: Uint8Array): boolean {
    const { options, processor, manager } = this.context;
    if (options.initiator_only) return this.#ignore(packet, "initiator_only is set");
    const lacksCookie = options.dos_protection && this.#needsCookie(packet) && !this.#hasCookie(packet, header, bytes);
    if (lacksCookie && !manager.isRepeatedFirst(header, bytes, packet.source)) return this.#askForCookie(packet, header);
    const limit = this.#reachedLimit(packet);
    if (limit !== undefined && !manager.isRepeatedFirst(header, bytes, packet.source)) return this.#ignore(packet, limit);
    const loadLimit = options.init_limit_job_load;
    const load = loadLimit > 0 ? processor.load + this.firstMessages.held + this.daemonCounts.jobsElsewhere : 0;
    if (load > loadLimit) return this.#ignore(packet, `job load of ${load} exceeds limit of ${loadLimit}`);
    return true;
  }

  /** A first message that waits already is not queued again; beyond the room there is, the socket did not shed it. */
  #hasRoom(header: IkeHeader, bytes: Uint8Array, { source }: Packet): boolean {
    const { counters, manager } = this.context;
    if (this.firstMessages.held > 0 && manager.isWaitingFirst(header, bytes, source)) {
      counters.replayed++;
      return false;
    }
    if (this.firstMessages.room > 0) return true;
    counters.blocked++;
    return false;
  }

  #askForCookie(packet: Packet, header: IkeHeader): false {
    const { log } = this.context;
    if (log.enabled(LogGroup.NET, 2))
      log.log(LogGroup.NET, 2, `received IKE_SA_INIT without cookie from ${packet.source}, sending COOKIE`);
    this.context.counters.cookiesSent++;
    this.#asked++;
    const cookie = this.#cookies.bake(packet.source, header.spiInitiatorHi, header.spiInitiatorLo);
    this.#reply(packet, header, makeNotifyPayload(NotifyType.COOKIE, cookie));
    return false;
  }

  /** Which limit of half-open IKE_SAs the sender of a first message has reached, if any. */
  #reachedLimit(packet: Packet): string | undefined {
    const { dos_protection: isProtected, init_limit_half_open: limit } = this.context.options;
    const blockThreshold = isProtected ? this.#blockThreshold() : 0;
    if (blockThreshold > 0 && this.daemonCounts.halfOpenOf(packet.source) >= blockThreshold)
      return `per-IP half-open IKE_SA limit of ${blockThreshold} reached`;
    return limit > 0 && this.daemonCounts.halfOpen >= limit ? `half-open IKE_SA limit of ${limit} reached` : undefined;
  }

  #ignore(packet: Packet, reason: string): false {
    this.#refused++;
    this.context.counters.blocked++;
    this.context.log.log(LogGroup.NET, 1, `ignoring IKE_SA setup from ${packet.source}, ${reason}`);
    return false;
  }

  /** The block threshold makes sense only above the threshold for cookies. */
  #blockThreshold(): number {
    const { block_threshold: block, cookie_threshold_ip: cookie } = this.context.options;
    if (block === 0 || cookie < block) return block;
    if (!this.#warnedThresholds) {
      this.#warnedThresholds = true;
      this.context.log.log(
        LogGroup.NET,
        1,
        `increasing block threshold to ${cookie + 1} due to per-IP cookie threshold of ${cookie}`,
      );
    }
    return cookie + 1;
  }

  #needsCookie(packet: Packet): boolean {
    const { options, clock } = this.context;
    const now = clock.nowMs;
    const { cookie_threshold: all, cookie_threshold_ip: one } = options;
    if (all > 0 && this.daemonCounts.halfOpen >= all) this.#cookiesUntilMs = now + COOKIE_CALM_DOWN_MS;
    const bucket = packet.source.address[packet.source.address.length - 1]! % COOKIE_BUCKETS;
    if (one > 0 && this.daemonCounts.halfOpenOf(packet.source) >= one) this.#bucketUntilMs[bucket] = now + COOKIE_CALM_DOWN_MS;
    return now < this.#cookiesUntilMs || now < this.#bucketUntilMs[bucket]!;
  }

  /** The cookie must be the first payload, so it is found without parsing: RFC 7296 section 2.6. */
  #hasCookie(packet: Packet, header: IkeHeader, bytes: Uint8Array): boolean {
    const NOTIFY_HEADER_BYTES = 8;
    const at = IKE_HEADER_BYTES;
    if (header.nextPayload !== PayloadType.NOTIFY || bytes.length < at + NOTIFY_HEADER_BYTES) return false;
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const type = (bytes[at + 6]! << 8) | bytes[at + 7]!;
    if (type !== NotifyType.COOKIE || bytes[at + 5] !== 0 || length < NOTIFY_HEADER_BYTES || at + length > bytes.length)
      return false;
    const cookie = bytes.subarray(at + NOTIFY_HEADER_BYTES, at + length);
    return this.#cookies.verify(cookie, packet.source, header.spiInitiatorHi, header.spiInitiatorLo);
  }

  /** Answers a request for which there is no IKE_SA, in the clear. */
  #reply(packet: Packet, request: IkeHeader, payload: Payload): void {
    const head = this.#header.copyFrom(request);
    head.flags = IkeFlags.RESPONSE;
    const { log } = this.context;
    if (log.enabled(LogGroup.ENC, 1))
      log.log(LogGroup.ENC, 1, `generating ${describe(head)} ${describeMessage({ payloads: [payload] })}`);
    const datagram = new Uint8Array(MARKER_BYTES + 128);
    const writer = new Writer(datagram).reset(datagram, MARKER_BYTES);
    const length = generateMessage(writer, head, [payload]);
    this.context.sender.send(datagram.subarray(0, MARKER_BYTES + length), packet.destination, packet.source, 0);
  }
}

/** The message that an IKE_SA begins with. Anything like it, but with another message id, say, is for no IKE_SA. */
function isFirstMessage(header: IkeHeader): boolean {
  const isInitRequest =
    header.exchangeType === ExchangeType.IKE_SA_INIT && !header.isResponse && header.isInitiator && header.messageId === 0;
  return isInitRequest && header.spiResponderHi === 0 && header.spiResponderLo === 0;
}
