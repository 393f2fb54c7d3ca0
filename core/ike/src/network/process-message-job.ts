import { JobPriority } from "@cygnet/plugin-api";
import type { Job, MaybePromise, Packet } from "@cygnet/plugin-api";
import { ExchangeType } from "@cygnet/wire";
import type { IkeHeader } from "@cygnet/wire";
import type { IkeSaManager } from "../sa/ike-sa-manager.js";
import type { IkeSa } from "../sa/ike-sa.js";
import type { Work } from "../sa/work.js";

/** Which class a received message is worked on in (facts of strongSwan's processor): what is cheap and finishes things comes first. */
function messagePriority(exchangeType: number): JobPriority {
  switch (exchangeType) {
    case ExchangeType.IKE_AUTH:
    case ExchangeType.ID_PROT:
    case ExchangeType.AGGRESSIVE:
      return JobPriority.LOW;
    case ExchangeType.INFORMATIONAL:
    case ExchangeType.INFORMATIONAL_V1:
      return JobPriority.HIGH;
    default:
      return JobPriority.MEDIUM;
  }
}

/** Works on one received message, and owns its packet until then. */
export class ProcessMessageJob implements Job, Work {
  readonly name = "process-message";
  readonly priority: JobPriority;
  /** Told when a first message gets its turn. */
  turn: { began(): void } | undefined = undefined;

  constructor(
    private readonly manager: IkeSaManager,
    public packet: Packet,
    /** Octets in front of the message: the non-ESP marker, or none. */
    private readonly offset: number,
    readonly header: IkeHeader,
    /** Its sender was counted as half-open when it was let in. */
    public isCountedHalfOpen: boolean,
  ) {
    this.priority = messagePriority(header.exchangeType);
  }

  /** The message without marker: a view that is valid until the packet is released. */
  get bytes(): Uint8Array {
    return this.packet.data.subarray(this.offset, this.packet.length);
  }

  /** Makes the packet a copy: one that waits for long must not hold a place of those that the socket reads into. */
  detach(): void {
    const { packet } = this;
    const { source, destination, length } = packet;
    this.packet = { data: packet.data.slice(0, length), length, source, destination, release: () => undefined };
    packet.release();
  }

  execute(): MaybePromise<void> {
    this.turn?.began();
    let result: MaybePromise<void>;
    try {
      result = this.manager.receive(this);
    } catch (error) {
      this.abandon();
      throw error;
    }
    return result;
  }

  run(ikeSa: IkeSa): MaybePromise<void> {
    let result: MaybePromise<void>;
    try {
      result = this.manager.process(ikeSa, this);
    } finally {
      if (!(result! instanceof Promise)) this.packet.release();
    }
    if (result instanceof Promise) return result.finally(() => this.packet.release());
  }

  /** No IKE_SA will ever see it. */
  abandon(): void {
    this.packet.release();
  }
}
