import { InternalError, LogGroup } from "@cygnet/plugin-api";
import type { Host } from "@cygnet/plugin-api";
import { ExchangeType, HashAlgorithm, NotifyType, PayloadType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

const HASH_BYTES = 20;
/** SPIi, SPIr, address and port; filled and hashed in one go. */
const HASH_INPUT = new Uint8Array(8 + 8 + 16 + 2);
/** Ports of IKE that a peer's translated port is compared with to tell whether it may be floated. */
const IKE_PORT = 500;
const NAT_T_PORT = 4500;

/**
 * NAT detection, RFC 7296 section 2.23: SHA-1 over SPIs, address and port of each end, compared with what the packets show. Where a NAT is
 * found, the initiator goes on from and to the NAT traversal ports.
 */
export class IkeNatdTask implements Task {
  readonly type = TaskType.IKE_NATD;
  #peerSentHashes = false;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {}

  build(message: OutgoingMessage): TaskOutcome {
    const { ikeSa } = this;
    if (message.exchangeType !== ExchangeType.IKE_SA_INIT) return "done";
    if (message.isResponse && !this.#peerSentHashes) return "done";
    const isForced = ikeSa.ikeConfig?.forceEncap === true || this.context.kernel.ipsec.requiresUdpEncap;
    if (isForced && !ikeSa.has(Condition.NAT_FAKE)) {
      this.context.log.log(LogGroup.IKE, 1, "faking NAT situation to enforce UDP encapsulation");
      ikeSa.set(Condition.NAT_FAKE);
    }
    message.addNotify(
      NotifyType.NAT_DETECTION_SOURCE_IP,
      isForced ? this.#random() : this.#hash(ikeSa.local, message.isResponse),
    );
    message.addNotify(NotifyType.NAT_DETECTION_DESTINATION_IP, this.#hash(ikeSa.remote, message.isResponse));
    return message.isResponse ? "done" : "need-more";
  }

  process(message: Message): TaskOutcome {
    if (message.header.exchangeType !== ExchangeType.IKE_SA_INIT) return "done";
    const { ikeSa } = this;
    const { isResponse } = message.header;
    // We are sent back to the start, and shall ask again.
    if (isResponse && !message.payload(PayloadType.SA)) return "need-more";
    const source = this.#hash(ikeSa.remote, isResponse);
    const destination = this.#hash(ikeSa.local, isResponse);
    let sources = 0;
    let sourceMatches = false;
    let destinations = 0;
    let destinationMatches = false;
    for (const payload of message.payloads) {
      if (payload.type !== PayloadType.NOTIFY) continue;
      if (payload.notifyType === NotifyType.NAT_DETECTION_SOURCE_IP) {
        sources++;
        sourceMatches ||= isEqual(payload.data, source);
      } else if (payload.notifyType === NotifyType.NAT_DETECTION_DESTINATION_IP) {
        destinations++;
        destinationMatches ||= isEqual(payload.data, destination);
      }
    }
    if (sources === 0 || destinations === 0) return message.header.isResponse ? "done" : "need-more";
    this.#peerSentHashes = true;
    if (!destinationMatches) {
      this.context.log.log(LogGroup.IKE, 1, "local host is behind NAT, sending keep alives");
      ikeSa.set(Condition.NAT_HERE);
    }
    if (!sourceMatches) {
      this.context.log.log(LogGroup.IKE, 1, "remote host is behind NAT");
      ikeSa.set(Condition.NAT_THERE);
    }
    if (!message.header.isResponse) return "need-more";
    if (ikeSa.isBehindNat) this.#float();
    return "done";
  }

  /** From now on to port 4500, with the marker; only from the well-known ports, since others were chosen by the operator. */
  #float(): void {
    const { ikeSa } = this;
    const { socket } = this.context.sockets;
    const natPort = socket?.port(true) ?? 0;
    if (natPort === 0) return;
    if (ikeSa.remote.port === IKE_PORT) ikeSa.remote = ikeSa.remote.withPort(NAT_T_PORT);
    const isOurChoice = socket?.furtherPorts !== undefined && ikeSa.local.port !== socket.port(false);
    if (ikeSa.remote.port !== IKE_PORT && !isOurChoice) ikeSa.local = ikeSa.local.withPort(natPort);
  }

  /** The request is hashed with an SPIr of zero by both ends, the response with the responder's. */
  #hash(host: Host, isResponse: boolean): Uint8Array {
    const hasher = this.context.crypto.hasher(HashAlgorithm.SHA1);
    if (!hasher) throw new InternalError("NAT detection needs HASHER:HASH_SHA1");
    const { ikeSa } = this;
    const input = HASH_INPUT;
    let at = 0;
    at = put32(input, at, ikeSa.spiInitiatorHi);
    at = put32(input, at, ikeSa.spiInitiatorLo);
    at = put32(input, at, isResponse ? ikeSa.spiResponderHi : 0);
    at = put32(input, at, isResponse ? ikeSa.spiResponderLo : 0);
    input.set(host.address, at);
    at += host.address.length;
    input[at++] = host.port >>> 8;
    input[at++] = host.port;
    const hash = this.context.octets.take(HASH_BYTES);
    hasher.hash(input.subarray(0, at), hash);
    return hash;
  }

  #random(): Uint8Array {
    const hash = new Uint8Array(HASH_BYTES);
    this.context.random.fill(hash);
    return hash;
  }
}

function put32(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
  return at + 4;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
