import type { Host } from "./host.js";
import type { IpsecMode, IpsecProtocol, KernelMark, TrafficRange } from "./kernel.js";

/** States of an IKE_SA, strongSwan's names and numbers. */
export enum IkeSaState {
  CREATED,
  CONNECTING,
  ESTABLISHED,
  PASSIVE,
  REKEYING,
  REKEYED,
  DELETING,
  DESTROYING,
}

/** States of a CHILD_SA. */
export enum ChildSaState {
  CREATED,
  ROUTED,
  INSTALLING,
  INSTALLED,
  UPDATING,
  REKEYING,
  REKEYED,
  RETRYING,
  DELETING,
  DELETED,
  DESTROYING,
}

/** An identity, RFC 7296 section 3.5. Prints in strongSwan's notation. */
export interface Identity {
  readonly type: number;
  readonly data: Uint8Array;
  equals(other: Identity): boolean;
  toString(): string;
}

/** What listeners see of an IKE_SA. Valid during the call; keep `uniqueId`, not the object. */
export interface IkeSaView {
  readonly uniqueId: number;
  /** Configuration name, empty as long as none was chosen. */
  readonly name: string;
  readonly state: IkeSaState;
  readonly version: 1 | 2;
  /** Who sent the IKE_SA_INIT (or CREATE_CHILD_SA) that made it. */
  readonly isInitiator: boolean;
  /** 16 hex digits. */
  readonly initiatorSpi: string;
  readonly responderSpi: string;
  readonly local: Host;
  readonly remote: Host;
  readonly localId: Identity | undefined;
  readonly remoteId: Identity | undefined;
  /** Virtual IPs that we got, or assigned. */
  readonly localVirtualIps: readonly Host[];
  readonly remoteVirtualIps: readonly Host[];
  readonly children: Iterable<ChildSaView>;
}

/** What listeners see of a CHILD_SA. Valid during the call; keep `uniqueId`, not the object. */
export interface ChildSaView {
  readonly uniqueId: number;
  readonly name: string;
  readonly state: ChildSaState;
  readonly reqid: number;
  readonly mode: IpsecMode;
  readonly protocol: IpsecProtocol;
  readonly spiIn: number;
  readonly spiOut: number;
  readonly localTs: readonly TrafficRange[];
  readonly remoteTs: readonly TrafficRange[];
  /** Shell command for when it comes up and goes down. */
  readonly updown: string | undefined;
  /** Whether the script shall let peers reach this host itself. */
  readonly hostAccess: boolean;
  readonly udpEncap: boolean;
  readonly ipcomp: boolean;
  /** A mask of 0 is no mark. */
  readonly markIn: KernelMark;
  readonly markOut: KernelMark;
  /** Of XFRM interfaces, 0 for none. */
  readonly ifIdIn: number;
  readonly ifIdOut: number;
}
