import { ChildSaState, InternalError } from "@cygnet/plugin-api";
import type { ChildSaView, Host, IpsecMode, IpsecProtocol, KernelLifetime, KernelMark, TimerId } from "@cygnet/plugin-api";
import { spiText } from "@cygnet/wire";
import type { Proposal } from "@cygnet/crypto";
import { markOf } from "../config/index.js";
import type { ChildConfig, TrafficSelector } from "../config/index.js";
import type { IkeContext } from "../ike-context.js";
import type { IkeSa } from "./ike-sa.js";
import type { InactivityWatch } from "./inactivity-watch.js";
import { mayChildSaEnter } from "./lifecycle.js";

const NO_LIMITS: KernelLifetime = {
  rekeySeconds: 0,
  lifeSeconds: 0,
  rekeyBytes: 0,
  lifeBytes: 0,
  rekeyPackets: 0,
  lifePackets: 0,
};
const NO_SELECTORS: readonly TrafficSelector[] = [];

/**
 * A CHILD_SA: a pair of kernel SAs and the policies that use them. A value with a state; what is in the kernel is `KernelInterface`'s affair.
 */
export class ChildSa implements ChildSaView {
  state = ChildSaState.CREATED;
  mode: IpsecMode;
  protocol: IpsecProtocol;
  /** As configured, or shared with others of the same traffic; 0 until it is installed. */
  reqid: number;
  spiIn = 0;
  spiOut = 0;
  cpiIn = 0;
  cpiOut = 0;
  proposal: Proposal | undefined;
  localTs: readonly TrafficSelector[] = NO_SELECTORS;
  remoteTs: readonly TrafficSelector[] = NO_SELECTORS;
  udpEncap = false;
  /** Limits with this CHILD_SA's jitter. */
  lifetime: KernelLifetime = NO_LIMITS;
  /** What of it is in the kernel: bit 0 inbound SA, bit 1 outbound SA, bit 2 policies in, bit 3 an SPI, bit 4 a reqid, bit 5 policies out. */
  installed = 0;
  /** The addresses that the kernel has it with. */
  local: Host;
  remote: Host;
  /** Monotonic milliseconds; 0 for never. */
  installedAtMs = 0;
  rekeyAtMs = 0;
  expireAtMs = 0;
  rekeyTimer: TimerId = 0;
  expireTimer: TimerId = 0;
  inactivityTimer: TimerId = 0;
  /** Where inactivity ends it. */
  inactivity: InactivityWatch | undefined;
  /** How often the kernel is at moving it to other addresses. */
  movesPending = 0;
  /** Unique id of the CHILD_SA that took this one's place by rekeying. */
  rekeyedById = 0;

  constructor(
    readonly uniqueId: number,
    readonly config: ChildConfig,
    /** Changes when the IKE_SA is rekeyed. */
    public ikeSa: IkeSa,
  ) {
    this.mode = config.mode;
    this.protocol = config.protocol;
    this.reqid = config.reqid;
    this.local = ikeSa.local;
    this.remote = ikeSa.remote;
  }

  get name(): string {
    return this.config.name;
  }

  get updown(): string | undefined {
    return this.config.updown;
  }

  get hostAccess(): boolean {
    return this.config.hostAccess;
  }

  get ipcomp(): boolean {
    return this.cpiOut !== 0;
  }

  get markIn(): KernelMark {
    return markOf(this.config.markIn, this.reqid, "in");
  }

  get markOut(): KernelMark {
    return markOf(this.config.markOut, this.reqid, "out");
  }

  get setMarkIn(): KernelMark {
    return markOf(this.config.setMarkIn, this.reqid, "in");
  }

  get setMarkOut(): KernelMark {
    return markOf(this.config.setMarkOut, this.reqid, "out");
  }

  /** XFRM interface, 0 for none. */
  get ifIdIn(): number {
    return markOf(this.config.ifIdIn, this.reqid, "in").value;
  }

  get ifIdOut(): number {
    return markOf(this.config.ifIdOut, this.reqid, "out").value;
  }

  /** `net-net{1}` as log lines name it. */
  get label(): string {
    return `${this.config.name}{${this.uniqueId}}`;
  }

  enter(context: IkeContext, state: ChildSaState): void {
    const from = this.state;
    if (from === state) return;
    if (!mayChildSaEnter(from, state))
      throw new InternalError(`CHILD_SA ${this.label}: ${ChildSaState[from]} => ${ChildSaState[state]}`);
    this.state = state;
    context.bus.childStateChange(this.ikeSa, this, state);
  }

  /** `c1_i c2_o` with 8 hex digits, as log lines print the SPIs. */
  spis(): string {
    return `${spiText(this.spiIn)}_i ${spiText(this.spiOut)}_o`;
  }

  /** `10.1.0.0/24 === 10.2.0.0/24` */
  selectors(): string {
    return `${this.localTs.join(" ")} === ${this.remoteTs.join(" ")}`;
  }
}
