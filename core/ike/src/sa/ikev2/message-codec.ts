import { LogGroup } from "@cygnet/plugin-api";
import {
  ExchangeType,
  FragmentReassembler,
  PayloadType,
  ProtectedLayout,
  WireError,
  Writer,
  beginFragment,
  beginProtected,
  checkSealed,
  describeMessage,
  exchangeTypeName,
  firstPayloadType,
  generateMessage,
  openedPayload,
  parseMessage,
  parsePayloads,
  planFragments,
} from "@cygnet/wire";
import type { EncryptedPayload, IkeHeader, Message, MessageHead } from "@cygnet/wire";
import type { IkeContext } from "../../ike-context.js";
import { fragmentSize } from "../../ike-options.js";
import { Condition } from "../ike-sa.js";
import type { IkeSa } from "../ike-sa.js";
import type { OutgoingMessage } from "./outgoing-message.js";

/** Zero octets kept free in front of every generated message: the non-ESP marker of RFC 3948 where it is needed. */
export const MARKER_BYTES = 4;

/** Largest message we generate. */
const SCRATCH_BYTES = 65_536;

/** What IP, UDP and the marker take of a datagram, by family. */
const OVERHEAD_BYTES = { 4: 20 + 8 + MARKER_BYTES, 6: 40 + 8 + MARKER_BYTES } as const;

/**
 * What `open` made of a received message: with its payloads; a fragment, and others are missing; a fragment that is here already; or nothing,
 * as there are no keys, as it cannot be encrypted with the ones there are, or as its integrity check failed.
 */
export type Opened = "opened" | "incomplete" | "replayed" | "no-keys" | "misshapen" | "forged";

/** A reassembly in progress, for one message id in one direction. */
interface Reassembly {
  messageId: number;
  readonly fragments: FragmentReassembler;
}

/** Of an IKE_SA, in both directions. */
export interface Reassemblies {
  request: Reassembly | undefined;
  response: Reassembly | undefined;
}

/**
 * Turns received octets into messages and tasks' payloads into datagrams, with the keys of the IKE_SA. One per shard: its buffers are
 * reused, what it returns is not.
 */
export class MessageCodec {
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  readonly #writer = new Writer(this.#scratch);
  readonly #layout = new ProtectedLayout();
  readonly #fragmentScratch = new Uint8Array(SCRATCH_BYTES);
  readonly #fragmentWriter = new Writer(this.#fragmentScratch);
  readonly #fragmentLayout = new ProtectedLayout();

  constructor(private readonly context: IkeContext) {}

  /** Parses the clear part. @throws {WireError} when it is malformed; nothing of it is authenticated */
  parse(bytes: Uint8Array, header: IkeHeader): Message {
    return parseMessage(bytes, bytes.length, header);
  }

  /**
   * Verifies and decrypts in place, and adds the payloads inside.
   * @throws {WireError} when the verified inside is malformed: the peer's fault for certain, RFC 7296 section 2.21.2
   */
  open(ikeSa: IkeSa, bytes: Uint8Array, message: Message): Opened {
    const sealed = message.encrypted;
    const { suite, keys } = ikeSa;
    if (!sealed || !suite || !keys) return "no-keys";
    const sizes = suite;
    try {
      checkSealed(sealed, sizes);
    } catch (error) {
      if (error instanceof WireError) return "misshapen";
      throw error;
    }
    const isFragment = sealed.type === PayloadType.SKF;
    // RFC 7383 section 2.3: not unless both have said that they can.
    if (isFragment && !ikeSa.has(Condition.FRAGMENTATION)) return "misshapen";
    const reassembly = isFragment ? this.#reassembly(ikeSa, message.header) : undefined;
    if (reassembly && !reassembly.fragments.wants(sealed)) return "replayed";
    if (!this.context.keymat.open(suite, keys, message.header.isInitiator, bytes.subarray(0, sealed.end), sealed.at))
      return "forged";
    const { start, end } = openedPayload(bytes, sealed.at, sizes.ivBytes, sizes.icvBytes, sealed.end);
    if (!reassembly) {
      message.addProtected(parsePayloads(sealed.firstPayload, bytes, start, end));
      return "opened";
    }
    return this.#addFragment(ikeSa, message, sealed, reassembly, bytes.subarray(start, end));
  }

  #reassembly(ikeSa: IkeSa, header: IkeHeader): Reassembly {
    const both = (ikeSa.reassemblies ??= { request: undefined, response: undefined });
    const side = header.isResponse ? "response" : "request";
    let one = both[side];
    if (!one || one.messageId !== header.messageId)
      both[side] = one = { messageId: header.messageId, fragments: new FragmentReassembler() };
    return one;
  }

  /** The reassembly of one direction is over; the other one's may go on. */
  #reassembled(ikeSa: IkeSa, header: IkeHeader): void {
    const both = ikeSa.reassemblies!;
    both[header.isResponse ? "response" : "request"] = undefined;
    if (!both.request && !both.response) ikeSa.reassemblies = undefined;
  }

  #addFragment(ikeSa: IkeSa, message: Message, sealed: EncryptedPayload, reassembly: Reassembly, plaintext: Uint8Array): Opened {
    const { fragments } = reassembly;
    const outcome = fragments.add(sealed, plaintext, 0, plaintext.length);
    const { log } = this.context;
    if (outcome !== "dropped" && log.enabled(LogGroup.ENC, 1)) {
      log.log(LogGroup.ENC, 1, `parsed ${describe(message.header)} [ EF(${sealed.fragmentNumber}/${sealed.totalFragments}) ]`);
    }
    if (outcome !== "complete") {
      if (outcome === "wait" && log.enabled(LogGroup.ENC, 1)) {
        log.log(
          LogGroup.ENC,
          1,
          `received fragment #${sealed.fragmentNumber} of ${sealed.totalFragments}, waiting for complete IKE message`,
        );
      }
      return "incomplete";
    }
    const whole = fragments.assemble();
    if (log.enabled(LogGroup.ENC, 1)) {
      log.log(
        LogGroup.ENC,
        1,
        `received fragment #${sealed.fragmentNumber} of ${sealed.totalFragments}, reassembled fragmented IKE message (${whole.length} bytes)`,
      );
    }
    this.#reassembled(ikeSa, message.header);
    message.addProtected(parsePayloads(fragments.firstPayload, whole, 0, whole.length));
    return "opened";
  }

  /**
   * Generates the datagrams of a finished message, each with `MARKER_BYTES` zero octets in front. The arrays are the caller's to keep.
   */
  generate(ikeSa: IkeSa, message: OutgoingMessage): Uint8Array[] {
    const { log } = this.context;
    if (log.enabled(LogGroup.ENC, 1)) log.log(LogGroup.ENC, 1, `generating ${describe(message)} ${describeMessage(message)}`);
    const head = messageHead(ikeSa, message);
    const writer = this.#writer.reset(this.#scratch, MARKER_BYTES);
    if (!message.isProtected || !ikeSa.suite || !ikeSa.keys) {
      const length = generateMessage(writer, head, message.payloads);
      return [this.context.octets.copy(this.#scratch.subarray(0, MARKER_BYTES + length))];
    }
    const layout = beginProtected(writer, head, message.payloads, ikeSa.suite, this.#layout);
    const limit = this.#fragmentLimit(ikeSa, message);
    if (limit > 0 && layout.length > limit) return this.#generateFragments(ikeSa, message, head, limit);
    this.#seal(ikeSa, this.#scratch, layout);
    const datagram = this.#scratch.subarray(0, layout.end);
    return [this.context.octets.copy(datagram)];
  }

  /** Largest message to send in one piece, 0 for no limit. */
  #fragmentLimit(ikeSa: IkeSa, message: OutgoingMessage): number {
    const policy = ikeSa.ikeConfig?.fragmentation;
    if (policy === "no" || policy === "accept" || !ikeSa.has(Condition.FRAGMENTATION)) return 0;
    if (message.exchangeType === ExchangeType.IKE_SA_INIT) return 0;
    const { family } = ikeSa.remote;
    return fragmentSize(this.context.options, family) - OVERHEAD_BYTES[family];
  }

  #generateFragments(ikeSa: IkeSa, message: OutgoingMessage, head: MessageHead, limit: number): Uint8Array[] {
    const { log } = this.context;
    const sizes = ikeSa.suite!;
    const { plainAt, innerEnd, length } = this.#layout;
    const plan = planFragments(innerEnd - plainAt, limit, sizes);
    if (log.enabled(LogGroup.ENC, 1))
      log.log(LogGroup.ENC, 1, `splitting IKE message (${length} bytes) into ${plan.count} fragments`);
    const datagrams: Uint8Array[] = [];
    for (let i = 0; i < plan.count; i++) {
      const from = plainAt + i * plan.pieceBytes;
      const part = {
        firstPayload: firstPayloadType(message.payloads),
        fragmentNumber: i + 1,
        totalFragments: plan.count,
        plaintext: this.#scratch.subarray(from, Math.min(from + plan.pieceBytes, innerEnd)),
      };
      const writer = this.#fragmentWriter.reset(this.#fragmentScratch, MARKER_BYTES);
      const layout = beginFragment(writer, head, part, sizes, this.#fragmentLayout);
      this.#seal(ikeSa, this.#fragmentScratch, layout);
      if (log.enabled(LogGroup.ENC, 1))
        log.log(LogGroup.ENC, 1, `generating ${describe(message)} [ EF(${i + 1}/${plan.count}) ]`);
      datagrams.push(this.#fragmentScratch.slice(0, layout.end));
    }
    this.#scratch.fill(0, plainAt, innerEnd);
    return datagrams;
  }

  #seal(ikeSa: IkeSa, buffer: Uint8Array, layout: ProtectedLayout): void {
    const message = buffer.subarray(layout.start, layout.end);
    this.context.keymat.seal(ikeSa.suite!, ikeSa.keys!, ikeSa.isInitiator, message, layout.ivAt - layout.start);
  }
}

/** `IKE_SA_INIT request 0`, as log lines begin. */
export function describe(message: { exchangeType: number; isResponse: boolean; messageId: number }): string {
  return `${exchangeTypeName(message.exchangeType)} ${message.isResponse ? "response" : "request"} ${message.messageId}`;
}

function messageHead(ikeSa: IkeSa, message: OutgoingMessage): MessageHead {
  return {
    spiInitiatorHi: ikeSa.spiInitiatorHi,
    spiInitiatorLo: ikeSa.spiInitiatorLo,
    spiResponderHi: ikeSa.spiResponderHi,
    spiResponderLo: ikeSa.spiResponderLo,
    exchangeType: message.exchangeType,
    flags: message.flags(ikeSa),
    messageId: message.messageId,
  };
}
