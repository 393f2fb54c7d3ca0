import { IkeSaState, InternalError } from "@cygnet/plugin-api";
import type { Attribute, Host, IkeSaView, TimerId } from "@cygnet/plugin-api";
import { ikeSpiText } from "@cygnet/wire";
import type { IkeSuite } from "@cygnet/crypto";
import type { IkeConfig, PeerConfig } from "../config/index.js";
import type { Identification } from "../identity/index.js";
import type { ChildSa } from "./child-sa.js";
import type { Handshake } from "./ikev2/handshake.js";
import type { Reassemblies } from "./ikev2/message-codec.js";
import type { TaskManager } from "./ikev2/task-manager.js";
import type { IkeContext } from "../ike-context.js";
import type { IkeSaGlance } from "./rest/ike-sa-record.js";
import type { Work } from "./work.js";
import { mayIkeSaEnter } from "./lifecycle.js";
import type { Spi } from "./spi-table.js";

/** Things an IKE_SA knows about itself and its peer; bits of `IkeSa.conditions`. */
export enum Condition {
  /** Our address is translated on the way. */
  NAT_HERE = 1 << 0,
  /** The peer's is. */
  NAT_THERE = 1 << 1,
  /** NAT is pretended to enforce UDP encapsulation. */
  NAT_FAKE = 1 << 2,
  /** We verified the peer. */
  PEER_AUTHENTICATED = 1 << 3,
  /** All our rounds are done. */
  LOCAL_AUTHENTICATED = 1 << 4,
  /** The peer sent INITIAL_CONTACT. */
  INITIAL_CONTACT = 1 << 5,
  /** The peer can take apart IKE fragments (RFC 7383), and so can we for it. */
  FRAGMENTATION = 1 << 6,
  /** The peer is strongSwan, or one of us. */
  SAME_IMPLEMENTATION = 1 << 7,
  /** It was established once, so `ikeUpdown` was announced. */
  ANNOUNCED_UP = 1 << 9,
  /** It was not up yet. */
  SETTING_UP = 1 << 11,
  /** It counts as half-open. */
  HALF_OPEN = 1 << 10,
  /** We sent the first message of all: whoever did reauthenticates. Stays with its successors. */
  ORIGINAL_INITIATOR = 1 << 12,
  /** Both ends can move it to other addresses (RFC 4555). */
  MOBIKE = 1 << 13,
  /** There was no path to the peer when the network changed last. */
  STALE = 1 << 14,
  /** Once it is deleted, another one is set up in its place. */
  REAUTHENTICATING = 1 << 15,
  /** The peer, which set it up, goes to another gateway when it is asked to (RFC 5685). */
  REDIRECTABLE = 1 << 20,
  /** It was sent there with IKE_AUTH, and gets nothing here. */
  REDIRECTED = 1 << 21,
}

const NAT_ANY = Condition.NAT_HERE | Condition.NAT_THERE | Condition.NAT_FAKE;
const NO_HOSTS: readonly Host[] = [];
const NO_ATTRIBUTES: readonly Attribute[] = [];
const NO_CHILDREN: ChildSa[] = [];

/** What a new IKE_SA starts from. */
export interface IkeSaOrigin {
  readonly uniqueId: number;
  readonly isInitiator: boolean;
  /** Drawn from the table for it. */
  readonly ownSpi: Spi;
  readonly local: Host;
  readonly remote: Host;
}

/**
 * An IKE_SA: its identifiers, peers, keys, children and timers. What happens in its exchanges is the tasks', in which order the task
 * manager's; `IkeSaManager` alone hands it out.
 *
 * The object is there as long as something is in progress; else its state is a record (`rest/`). So nobody keeps it beyond the work at hand but
 * its own tasks: keep `uniqueId`. A member that outlives an exchange has its place in `rest/ike-sa-record.ts`.
 *
 * Numbers of milliseconds are the shard's monotonic clock, 0 for "not set". Everything needed only until it is established is in
 * `handshake`, which is dropped then.
 */
export class IkeSa implements IkeSaView, IkeSaGlance {
  readonly version = 2;
  readonly uniqueId: number;
  /** Of the IKE_SA that was set up, over all that took its place by rekeying: what addresses and attributes are held under. */
  originId: number;
  readonly isInitiator: boolean;
  /** Changes as long as it is not established only, by `IkeSaManager.renewSpi`. */
  ownSpiHi: number;
  ownSpiLo: number;
  peerSpiHi = 0;
  peerSpiLo = 0;
  state = IkeSaState.CREATED;
  conditions = 0;
  local: Host;
  remote: Host;
  ikeConfig: IkeConfig | undefined;
  peerConfig: PeerConfig | undefined;
  localId: Identification | undefined;
  remoteId: Identification | undefined;
  /** The algorithms that were selected, shared by all IKE_SAs with the same. */
  suite: IkeSuite | undefined;
  /** The key block, laid out as `suite` says. */
  keys: Uint8Array | undefined;
  children: ChildSa[] = NO_CHILDREN;
  localVirtualIps: readonly Host[] = NO_HOSTS;
  remoteVirtualIps: readonly Host[] = NO_HOSTS;
  /** Attributes of the peer that a handler took, to be released at the end. */
  handledAttributes: readonly Attribute[] = NO_ATTRIBUTES;
  /** Other addresses that the peer can be reached at (RFC 4555). */
  peerAddresses: readonly Host[] = NO_HOSTS;
  /** Hash of our address as the peer sees it, where we look whether a NAT changes it. */
  seenAs: Uint8Array | undefined;
  handshake: Handshake | undefined;
  /** Messages of which fragments are missing (RFC 7383). */
  reassemblies: Reassemblies | undefined;
  tasks!: TaskManager;

  createdAtMs = 0;
  establishedAtMs = 0;
  rekeyAtMs = 0;
  reauthAtMs = 0;
  deleteAtMs = 0;
  lastInboundMs = 0;
  lastOutboundMs = 0;
  rekeyTimer: TimerId = 0;
  deleteTimer: TimerId = 0;
  dpdTimer: TimerId = 0;
  keepaliveTimer: TimerId = 0;
  halfOpenTimer: TimerId = 0;

  /** Its number among those that had authenticated on any shard when it did; 0 before. */
  order = 0;
  /** Unique id of the IKE_SA whose place this one takes once it is up; 0 for none. */
  reauthenticatesId = 0;
  /** Attempts at setting up, for `keyingtries`. */
  keyingTry = 0;
  /** Something waits for an asynchronous answer: further work queues in `waiting`. */
  isBusy = false;
  waiting: Work[] | undefined;

  constructor(origin: IkeSaOrigin) {
    this.uniqueId = origin.uniqueId;
    this.originId = origin.uniqueId;
    this.isInitiator = origin.isInitiator;
    this.ownSpiHi = origin.ownSpi.hi;
    this.ownSpiLo = origin.ownSpi.lo;
    this.local = origin.local;
    this.remote = origin.remote;
  }

  get name(): string {
    return this.peerConfig?.name ?? "";
  }

  /** `net-net[1]` as log lines name it. */
  get label(): string {
    return `${this.name || "(unnamed)"}[${this.uniqueId}]`;
  }

  get spiInitiatorHi(): number {
    return this.isInitiator ? this.ownSpiHi : this.peerSpiHi;
  }

  get spiInitiatorLo(): number {
    return this.isInitiator ? this.ownSpiLo : this.peerSpiLo;
  }

  get spiResponderHi(): number {
    return this.isInitiator ? this.peerSpiHi : this.ownSpiHi;
  }

  get spiResponderLo(): number {
    return this.isInitiator ? this.peerSpiLo : this.ownSpiLo;
  }

  get initiatorSpi(): string {
    return ikeSpiText(this.spiInitiatorHi, this.spiInitiatorLo);
  }

  get responderSpi(): string {
    return ikeSpiText(this.spiResponderHi, this.spiResponderLo);
  }

  /** Both sides are through with authentication. */
  get isAuthenticated(): boolean {
    return this.has(Condition.PEER_AUTHENTICATED) && this.has(Condition.LOCAL_AUTHENTICATED);
  }

  has(condition: Condition): boolean {
    return (this.conditions & condition) !== 0;
  }

  set(condition: Condition, value = true): void {
    this.conditions = value ? this.conditions | condition : this.conditions & ~condition;
  }

  get isBehindNat(): boolean {
    return (this.conditions & NAT_ANY) !== 0;
  }

  /** `10.9.0.1[moon.example.org]...10.9.0.2[sun.example.org]` */
  get endpoints(): string {
    return `${this.local}[${this.localId ?? "%any"}]...${this.remote}[${this.remoteId ?? "%any"}]`;
  }

  enter(context: IkeContext, state: IkeSaState): void {
    const from = this.state;
    if (from === state) return;
    if (!mayIkeSaEnter(from, state)) throw new InternalError(`IKE_SA ${this.label}: ${IkeSaState[from]} => ${IkeSaState[state]}`);
    this.state = state;
    context.bus.ikeStateChange(this, state);
  }

  /** What a try at setting up found out about the peer, for the next one to begin without. */
  forgetPeer(): void {
    this.conditions &= Condition.SETTING_UP | Condition.ORIGINAL_INITIATOR;
    this.suite = undefined;
    this.keys?.fill(0);
    this.keys = undefined;
    this.handshake?.wipe();
    this.handshake = undefined;
  }

  addChild(child: ChildSa): void {
    // An array made with its element is as long as that; one that is pushed to has room for many.
    if (this.children === NO_CHILDREN) this.children = [child];
    else this.children.push(child);
  }

  /** Takes a CHILD_SA out of the list; its kernel state is the caller's. @returns whether it was there */
  removeChild(child: ChildSa): boolean {
    const at = this.children.indexOf(child);
    if (at < 0) return false;
    if (this.children.length === 1) this.children = NO_CHILDREN;
    else this.children.splice(at, 1);
    return true;
  }

  /** The CHILD_SA with this outbound SPI (the peer's inbound one), as DELETE and REKEY_SA name it. */
  childBySpiOut(protocol: number, spi: number): ChildSa | undefined {
    for (const child of this.children) if (child.protocol === protocol && child.spiOut === spi) return child;
    return undefined;
  }

  childById(uniqueId: number): ChildSa | undefined {
    for (const child of this.children) if (child.uniqueId === uniqueId) return child;
    return undefined;
  }

  hasChild(uniqueId: number): boolean {
    return this.childById(uniqueId) !== undefined;
  }

  hasChildNamed(name: string): boolean {
    for (const child of this.children) if (child.name === name) return true;
    return false;
  }

  /** Established with nothing in progress: all there is of it are values, which a record can hold. */
  get isQuiescent(): boolean {
    for (let i = 0; i < this.children.length; i++) if (this.children[i]!.movesPending > 0) return false;
    return (
      this.state === IkeSaState.ESTABLISHED &&
      !this.isBusy &&
      this.waiting === undefined &&
      this.handshake === undefined &&
      this.reassemblies === undefined &&
      this.keys !== undefined &&
      this.tasks.isQuiescent
    );
  }

  /** Takes over CHILD_SAs, virtual IPs, attributes and the time of reauthentication of the IKE_SA whose place this one takes by rekeying. */
  inherit(old: IkeSa): void {
    this.originId = old.originId;
    this.order = old.order;
    this.reauthAtMs = old.reauthAtMs;
    this.children = old.children;
    for (const child of this.children) child.ikeSa = this;
    this.localVirtualIps = old.localVirtualIps;
    this.remoteVirtualIps = old.remoteVirtualIps;
    this.handledAttributes = old.handledAttributes;
    this.peerAddresses = old.peerAddresses;
    old.children = NO_CHILDREN;
    old.localVirtualIps = NO_HOSTS;
    old.remoteVirtualIps = NO_HOSTS;
    old.handledAttributes = NO_ATTRIBUTES;
  }
}
