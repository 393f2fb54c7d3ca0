import { ChildSaState, IkeSaState } from "@cygnet/plugin-api";
import type { IpsecMode } from "@cygnet/plugin-api";
import type { IkeSuite, Proposal } from "@cygnet/crypto";
import type { ChildConfig, IkeConfig, PeerConfig } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import type { OctetArena } from "../../octet-arena.js";
import { ChildSa } from "../child-sa.js";
import { IkeSa } from "../ike-sa.js";
import { InactivityWatch } from "../inactivity-watch.js";
import { NAT_HASH_BYTES } from "../ikev2/nat-detection.js";
import { TaskManager } from "../ikev2/task-manager.js";
import type { RecordReader } from "./record-reader.js";
import type { Page } from "./record-store.js";
import {
  decodeAttributes,
  decodeHost,
  decodeHosts,
  decodeIdentity,
  decodeSelectors,
  encodeAttributes,
  encodeHost,
  encodeHosts,
  encodeIdentity,
  encodeSelectors,
} from "./record-values.js";
import type { RecordWriter } from "./record-writer.js";
import type { SharedValues } from "./shared-values.js";

/**
 * The record of an IKE_SA at rest: all of its state in octets, little endian. This module alone knows the layout.
 *
 *   0   version                          1   flags
 *   2   state                            4   length of the record
 *   8   unique id                        12  the peer's SPI, two halves
 *   20  peer configuration               24  number of CHILD_SAs
 *   28  where the CHILD_SAs end
 *   32  the CHILD_SAs, each with its length and unique id in front
 *       what is left of the IKE_SA: addresses, identities, keys, times, message ids, the last response
 *
 * Configurations, algorithms and proposals are numbers of `SharedParts`; identities, selectors and addresses are octets. Of the key block what
 * serves AUTH alone is left out (SK_pi and SK_pr, RFC 7296 section 2.15). Numbers of which most are 0 are "sparse" groups.
 */
const VERSION = 2;
const FLAGS_AT = 1;
const STATE_AT = 2;
const LENGTH_AT = 4;
const UNIQUE_ID_AT = 8;
const PEER_SPI_AT = 12;
const PEER_CONFIG_AT = 20;
const CHILD_COUNT_AT = 24;
const CHILDREN_END_AT = 28;
const CHILDREN_AT = 32;
/** Places in a CHILD_SA. */
const CHILD_ID_AT = 4;
const CHILD_CONFIG_AT = 8;

const IS_INITIATOR = 1;
const HAS_LOCAL_ID = 2;
const HAS_REMOTE_ID = 4;
const HAS_SEEN_AS = 8;

const UDP_ENCAP = 1;
const SAME_LOCAL = 2;
const SAME_REMOTE = 4;
const HAS_INACTIVITY = 8;

const MODES: readonly IpsecMode[] = ["tunnel", "transport", "beet", "pass", "drop"];

/** What records refer to by number. */
export interface SharedParts {
  readonly peers: SharedValues<PeerConfig>;
  readonly ikes: SharedValues<IkeConfig>;
  readonly suites: SharedValues<IkeSuite>;
  readonly children: SharedValues<ChildConfig>;
  readonly proposals: SharedValues<Proposal>;
}

/** Writes the record of an IKE_SA that nothing is in progress of; refers to what is shared. */
export function encodeIkeSa(writer: RecordWriter, ikeSa: IkeSa, shared: SharedParts): void {
  const { localId, remoteId, seenAs } = ikeSa;
  writer.u8(VERSION);
  const ids = (localId ? HAS_LOCAL_ID : 0) | (remoteId ? HAS_REMOTE_ID : 0);
  writer.u8((ikeSa.isInitiator ? IS_INITIATOR : 0) | ids | (seenAs ? HAS_SEEN_AS : 0));
  writer.u16(ikeSa.state);
  writer.u32(0);
  writer.u32(ikeSa.uniqueId);
  writer.u32(ikeSa.peerSpiHi);
  writer.u32(ikeSa.peerSpiLo);
  writer.u32(shared.peers.refer(ikeSa.peerConfig));
  writer.u32(ikeSa.children.length);
  writer.u32(0);
  for (let i = 0; i < ikeSa.children.length; i++) encodeChild(writer, ikeSa.children[i]!, shared);
  writer.patchU32(CHILDREN_END_AT, writer.length);
  writer.u32(ikeSa.ownSpiHi);
  writer.u32(ikeSa.ownSpiLo);
  writer.u32(ikeSa.originId);
  writer.u32(ikeSa.conditions);
  writer.u32(shared.ikes.refer(ikeSa.ikeConfig));
  encodeHost(writer, ikeSa.local);
  encodeHost(writer, ikeSa.remote);
  if (localId) encodeIdentity(writer, localId);
  if (remoteId) encodeIdentity(writer, remoteId);
  writer.u32(shared.suites.refer(ikeSa.suite));
  if (ikeSa.suite) writer.copyFirst(ikeSa.keys!, ikeSa.suite.skPiAt);
  encodeTimes(writer, ikeSa);
  encodeHosts(writer, ikeSa.localVirtualIps);
  encodeHosts(writer, ikeSa.remoteVirtualIps);
  encodeHosts(writer, ikeSa.peerAddresses);
  if (seenAs) writer.copy(seenAs);
  encodeAttributes(writer, ikeSa.handledAttributes);
  encodeTasks(writer, ikeSa.tasks);
  writer.patchU32(LENGTH_AT, writer.length);
}

function encodeTimes(writer: RecordWriter, ikeSa: IkeSa): void {
  writer.beginSparse();
  writer.sparse(ikeSa.createdAtMs);
  writer.sparse(ikeSa.establishedAtMs);
  writer.sparse(ikeSa.rekeyAtMs);
  writer.sparse(ikeSa.reauthAtMs);
  writer.sparse(ikeSa.deleteAtMs);
  writer.sparse(ikeSa.lastInboundMs);
  writer.sparse(ikeSa.lastOutboundMs);
  writer.sparse(ikeSa.rekeyTimer);
  writer.sparse(ikeSa.deleteTimer);
  writer.sparse(ikeSa.dpdTimer);
  writer.sparse(ikeSa.keepaliveTimer);
  writer.sparse(ikeSa.order);
  writer.sparse(ikeSa.keyingTry);
  writer.endSparse();
}

function encodeTasks(writer: RecordWriter, tasks: TaskManager): void {
  writer.u32(tasks.requestId);
  writer.u32(tasks.expectedId);
  writer.u32(tasks.transmissions);
  const { lastResponse } = tasks;
  writer.u16(lastResponse.length);
  for (let i = 0; i < lastResponse.length; i++) {
    writer.u32(lastResponse[i]!.length);
    writer.copy(lastResponse[i]!);
  }
}

function encodeChild(writer: RecordWriter, child: ChildSa, shared: SharedParts): void {
  const { ikeSa, lifetime } = child;
  const from = writer.length;
  const isLocal = child.local.equals(ikeSa.local);
  const isRemote = child.remote.equals(ikeSa.remote);
  writer.u32(0);
  writer.u32(child.uniqueId);
  writer.u32(shared.children.refer(child.config));
  writer.u32(shared.proposals.refer(child.proposal));
  writer.u8(child.state);
  writer.u8(MODES.indexOf(child.mode));
  writer.u8(child.protocol);
  const { inactivity } = child;
  const same = (isLocal ? SAME_LOCAL : 0) | (isRemote ? SAME_REMOTE : 0);
  writer.u8((child.udpEncap ? UDP_ENCAP : 0) | same | (inactivity ? HAS_INACTIVITY : 0));
  writer.u8(child.installed);
  writer.u32(child.reqid);
  writer.u32(child.spiIn);
  writer.u32(child.spiOut);
  writer.u16(child.cpiIn);
  writer.u16(child.cpiOut);
  writer.u32(child.rekeyedById);
  if (!isLocal) encodeHost(writer, child.local);
  if (!isRemote) encodeHost(writer, child.remote);
  writer.beginSparse();
  writer.sparse(lifetime.rekeySeconds);
  writer.sparse(lifetime.lifeSeconds);
  writer.sparse(lifetime.rekeyBytes);
  writer.sparse(lifetime.lifeBytes);
  writer.sparse(lifetime.rekeyPackets);
  writer.sparse(lifetime.lifePackets);
  writer.sparse(child.installedAtMs);
  writer.sparse(child.rekeyAtMs);
  writer.sparse(child.expireAtMs);
  writer.sparse(child.rekeyTimer);
  writer.sparse(child.expireTimer);
  writer.sparse(child.inactivityTimer);
  writer.endSparse();
  if (inactivity) {
    writer.f64(inactivity.lastUseMs);
    writer.f64(inactivity.usedAtMs);
    writer.f64(inactivity.lookedAtMs);
    writer.f64(inactivity.offsetMs);
  }
  encodeSelectors(writer, child.localTs);
  encodeSelectors(writer, child.remoteTs);
  writer.patchU32(from, writer.length - from);
}

/** What decoding works with. */
export interface DecodeParts {
  readonly context: IkeContext;
  readonly shared: SharedParts;
}

/**
 * Makes the IKE_SA of a record again; nothing of it refers to the record.
 * @param isComplete with keys and last response, which who only wants to look has no need of
 * @throws {RecordError} where it cannot be what was encoded
 */
export function decodeIkeSa(reader: RecordReader, parts: DecodeParts, isComplete: boolean): IkeSa {
  const { context, shared } = parts;
  if (reader.u8("version") !== VERSION) reader.fail("version", `is not ${VERSION}`);
  const flags = reader.u8("flags");
  const state: IkeSaState = reader.u16("state");
  if (IkeSaState[state] === undefined) reader.fail("state", "is none");
  reader.skip(4, "length");
  const uniqueId = reader.u32("unique id");
  const peerSpiHi = reader.u32("peer's SPI");
  const peerSpiLo = reader.u32("peer's SPI");
  const peerConfig = sharedValue(reader, shared.peers, "peer configuration");
  const childCount = reader.u32("number of CHILD_SAs");
  const childrenEnd = reader.u32("end of the CHILD_SAs");
  reader.skip(childrenEnd - CHILDREN_AT, "CHILD_SAs");
  const ownSpi = { hi: reader.u32("own SPI"), lo: reader.u32("own SPI") };
  const originId = reader.u32("origin");
  const conditions = reader.u32("conditions");
  const ikeConfig = sharedValue(reader, shared.ikes, "IKE configuration");
  const local = decodeHost(reader);
  const remote = decodeHost(reader);
  const ikeSa = new IkeSa({ uniqueId, isInitiator: (flags & IS_INITIATOR) !== 0, ownSpi, local, remote });
  ikeSa.state = state;
  ikeSa.peerSpiHi = peerSpiHi;
  ikeSa.peerSpiLo = peerSpiLo;
  ikeSa.peerConfig = peerConfig;
  ikeSa.originId = originId;
  ikeSa.conditions = conditions;
  ikeSa.ikeConfig = ikeConfig;
  if (flags & HAS_LOCAL_ID) ikeSa.localId = decodeIdentity(reader);
  if (flags & HAS_REMOTE_ID) ikeSa.remoteId = decodeIdentity(reader);
  const suite = sharedValue(reader, shared.suites, "algorithms");
  if (suite) {
    ikeSa.suite = suite;
    if (isComplete) {
      ikeSa.keys = context.octets.take(suite.keyBlockBytes);
      ikeSa.keys.set(reader.take(suite.skPiAt, "keys"));
    } else reader.skip(suite.skPiAt, "keys");
  }
  decodeTimes(reader, ikeSa);
  ikeSa.localVirtualIps = decodeHosts(reader);
  ikeSa.remoteVirtualIps = decodeHosts(reader);
  ikeSa.peerAddresses = decodeHosts(reader);
  if (flags & HAS_SEEN_AS) ikeSa.seenAs = reader.take(NAT_HASH_BYTES, "address as seen by the peer").slice();
  ikeSa.handledAttributes = decodeAttributes(reader);
  ikeSa.tasks = new TaskManager(context, ikeSa);
  decodeTasks(reader, ikeSa.tasks, isComplete ? context.octets : undefined);
  if (!reader.isAtEnd) reader.fail("end", "is not where it should be");
  reader.seek(CHILDREN_AT);
  for (let i = 0; i < childCount; i++) ikeSa.addChild(decodeChild(reader, ikeSa, parts));
  if (reader.offset !== childrenEnd) reader.fail("end of the CHILD_SAs", "is not where it should be");
  return ikeSa;
}

function decodeTimes(reader: RecordReader, ikeSa: IkeSa): void {
  reader.beginSparse("times");
  ikeSa.createdAtMs = reader.sparse("times");
  ikeSa.establishedAtMs = reader.sparse("times");
  ikeSa.rekeyAtMs = reader.sparse("times");
  ikeSa.reauthAtMs = reader.sparse("times");
  ikeSa.deleteAtMs = reader.sparse("times");
  ikeSa.lastInboundMs = reader.sparse("times");
  ikeSa.lastOutboundMs = reader.sparse("times");
  ikeSa.rekeyTimer = reader.sparse("times");
  ikeSa.deleteTimer = reader.sparse("times");
  ikeSa.dpdTimer = reader.sparse("times");
  ikeSa.keepaliveTimer = reader.sparse("times");
  ikeSa.order = reader.sparse("times");
  ikeSa.keyingTry = reader.sparse("times");
}

/** @param octets where the last response is copied to; it is left out otherwise */
function decodeTasks(reader: RecordReader, tasks: TaskManager, octets: OctetArena | undefined): void {
  const requestId = reader.u32("message ids");
  const expectedId = reader.u32("message ids");
  const transmissions = reader.u32("transmissions");
  const response: Uint8Array[] = [];
  const count = reader.u16("last response");
  for (let i = 0; i < count; i++) {
    const length = reader.u32("last response");
    if (octets) response.push(octets.copy(reader.take(length, "last response")));
    else reader.skip(length, "last response");
  }
  tasks.resume(requestId, expectedId, transmissions, response);
}

function decodeChild(reader: RecordReader, ikeSa: IkeSa, { context: { clock }, shared }: DecodeParts): ChildSa {
  reader.skip(4, "length of a CHILD_SA");
  const uniqueId = reader.u32("CHILD_SA");
  const config = sharedValue(reader, shared.children, "CHILD_SA configuration");
  if (!config) reader.fail("CHILD_SA configuration", "is missing");
  const child = new ChildSa(uniqueId, config, ikeSa);
  child.proposal = sharedValue(reader, shared.proposals, "CHILD_SA proposal");
  child.state = reader.u8("CHILD_SA state");
  if (ChildSaState[child.state] === undefined) reader.fail("CHILD_SA state", "is none");
  child.mode = MODES[reader.u8("mode")] ?? reader.fail("mode", "is none");
  child.protocol = reader.u8("protocol") === 2 ? 2 : 3;
  const flags = reader.u8("CHILD_SA flags");
  child.udpEncap = (flags & UDP_ENCAP) !== 0;
  child.installed = reader.u8("installed");
  child.reqid = reader.u32("reqid");
  child.spiIn = reader.u32("SPI");
  child.spiOut = reader.u32("SPI");
  child.cpiIn = reader.u16("CPI");
  child.cpiOut = reader.u16("CPI");
  child.rekeyedById = reader.u32("CHILD_SA");
  if (!(flags & SAME_LOCAL)) child.local = decodeHost(reader);
  if (!(flags & SAME_REMOTE)) child.remote = decodeHost(reader);
  reader.beginSparse("lifetime");
  child.lifetime = {
    rekeySeconds: reader.sparse("lifetime"),
    lifeSeconds: reader.sparse("lifetime"),
    rekeyBytes: reader.sparse("lifetime"),
    lifeBytes: reader.sparse("lifetime"),
    rekeyPackets: reader.sparse("lifetime"),
    lifePackets: reader.sparse("lifetime"),
  };
  child.installedAtMs = reader.sparse("times");
  child.rekeyAtMs = reader.sparse("times");
  child.expireAtMs = reader.sparse("times");
  child.rekeyTimer = reader.sparse("times");
  child.expireTimer = reader.sparse("times");
  child.inactivityTimer = reader.sparse("times");
  if (flags & HAS_INACTIVITY) {
    child.inactivity = new InactivityWatch(clock);
    child.inactivity.lastUseMs = reader.f64("inactivity");
    child.inactivity.usedAtMs = reader.f64("inactivity");
    child.inactivity.lookedAtMs = reader.f64("inactivity");
    child.inactivity.offsetMs = reader.f64("inactivity");
  }
  child.localTs = decodeSelectors(reader);
  child.remoteTs = decodeSelectors(reader);
  return child;
}

function sharedValue<T extends object>(reader: RecordReader, values: SharedValues<T>, field: string): T | undefined {
  const number = reader.u32(field);
  return number === 0 ? undefined : (values.get(number) ?? reader.fail(field, "is not known"));
}

/** What can be seen of an IKE_SA without waking it. */
export interface IkeSaGlance {
  readonly uniqueId: number;
  readonly state: IkeSaState;
  readonly isInitiator: boolean;
  readonly peerSpiHi: number;
  readonly peerSpiLo: number;
  readonly peerConfig: PeerConfig | undefined;
  /** Whether it has a CHILD_SA of this unique id. */
  hasChild(uniqueId: number): boolean;
  /** Whether it has a CHILD_SA of this configuration name. */
  hasChildNamed(name: string): boolean;
}

/** A look at one record after the other. */
export class RecordGlance implements IkeSaGlance {
  #page: Page | undefined;
  #at = 0;

  constructor(private readonly shared: SharedParts) {}

  /** Looks at the record at this place from now on. */
  of(page: Page, at: number): this {
    this.#page = page;
    this.#at = at;
    return this;
  }

  /** Octets, as the record says. */
  get length(): number {
    return this.#u32(LENGTH_AT);
  }

  get uniqueId(): number {
    return this.#u32(UNIQUE_ID_AT);
  }

  get state(): IkeSaState {
    return this.#page!.view.getUint16(this.#at + STATE_AT, true);
  }

  get isInitiator(): boolean {
    return (this.#page!.octets[this.#at + FLAGS_AT]! & IS_INITIATOR) !== 0;
  }

  get peerSpiHi(): number {
    return this.#u32(PEER_SPI_AT);
  }

  get peerSpiLo(): number {
    return this.#u32(PEER_SPI_AT + 4);
  }

  get peerConfig(): PeerConfig | undefined {
    return this.shared.peers.get(this.#u32(PEER_CONFIG_AT));
  }

  hasChild(uniqueId: number): boolean {
    for (let at = this.#nextChild(0); at !== 0; at = this.#nextChild(at))
      if (this.#u32(at + CHILD_ID_AT) === uniqueId) return true;
    return false;
  }

  hasChildNamed(name: string): boolean {
    for (let at = this.#nextChild(0); at !== 0; at = this.#nextChild(at))
      if (this.shared.children.get(this.#u32(at + CHILD_CONFIG_AT))?.name === name) return true;
    return false;
  }

  /** Where the CHILD_SA behind the one at `at` is, or the first one where that is 0; 0 when there is none. */
  #nextChild(at: number): number {
    if (at === 0) return this.#u32(CHILD_COUNT_AT) === 0 ? 0 : CHILDREN_AT;
    const next = at + this.#u32(at);
    const end = Math.min(this.#u32(CHILDREN_END_AT), this.#page!.recordBytes - CHILDREN_AT);
    return next > at && next < end ? next : 0;
  }

  #u32(at: number): number {
    return this.#page!.view.getUint32(this.#at + at, true);
  }
}
