import { LogGroup } from "@cygnet/plugin-api";
import { ExchangeType, PayloadType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import { addNatDetection, findNat, noteNat } from "../nat-detection.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

/** Ports of IKE that a peer's translated port is compared with to tell whether it may be floated. */
const IKE_PORT = 500;
const NAT_T_PORT = 4500;

/**
 * NAT detection while the IKE_SA is set up. Where a NAT is found, or one may be met later by MOBIKE (RFC 4555 section 3.3), the initiator goes on
 * from and to the NAT traversal ports.
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
    addNatDetection(this.context, ikeSa, message, ikeSa);
    return message.isResponse ? "done" : "need-more";
  }

  process(message: Message): TaskOutcome {
    if (message.header.exchangeType !== ExchangeType.IKE_SA_INIT) return "done";
    const { ikeSa } = this;
    const { isResponse } = message.header;
    // We are sent back to the start, and shall ask again.
    if (isResponse && !message.payload(PayloadType.SA)) return "need-more";
    const nat = findNat(this.context, ikeSa, message, ikeSa);
    if (!nat) return isResponse ? "done" : "need-more";
    this.#peerSentHashes = true;
    const { log } = this.context;
    if (nat.isHere) log.log(LogGroup.IKE, 1, "local host is behind NAT, sending keep alives");
    if (nat.isThere) log.log(LogGroup.IKE, 1, "remote host is behind NAT");
    noteNat(this.context, ikeSa, nat);
    if (!isResponse) return "need-more";
    const mayMove = ikeSa.peerConfig?.mobike === true && ikeSa.remote.port === IKE_PORT;
    if (ikeSa.isBehindNat || mayMove) this.#float();
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
}
