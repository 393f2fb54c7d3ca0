import { loadBinding } from "../binding.js";
import type { SteeringKey } from "../steering.js";

/** An address of 4 or 16 octets, and a UDP port. */
export interface EspEndpoint {
  readonly address: Uint8Array;
  readonly port: number;
}

/** One ESP SA in tunnel mode. Keys are copied. */
export interface EspSaOptions {
  readonly spi: number;
  readonly reqid?: number;
  readonly inbound?: boolean;
  /** Extended sequence numbers, RFC 4303 section 2.2.1. */
  readonly esn?: boolean;
  /** Packets, at most 2^20; 0 for no protection from replay. */
  readonly replayWindow?: number;
  /** IANA's transform numbers; `integrity` is 0 with an AEAD. An AEAD's key ends with its salt, and counter mode's with its nonce. */
  readonly encryption: number;
  readonly encryptionKey: Uint8Array;
  readonly integrity: number;
  readonly integrityKey: Uint8Array;
  readonly source: EspEndpoint;
  readonly destination: EspEndpoint;
  /** Whether its packets go out in UDP (the default), or by themselves, IP protocol 50. They may come in either way. */
  readonly inUdp?: boolean;
  /** Octets and packets until an event says that the SA is to be rekeyed, and until it carries no more; 0 for never. */
  readonly softBytes?: number;
  readonly hardBytes?: number;
  readonly softPackets?: number;
  readonly hardPackets?: number;
}

/** What went through an SA, and what was dropped. */
export interface EspSaUse {
  /** Of the packets inside. */
  readonly bytes: number;
  readonly packets: number;
  /** Wall time, 0 for never. */
  readonly lastUseMs: number;
  readonly truncated: number;
  readonly replayed: number;
  readonly forged: number;
  /** Genuine, but no IP packet. */
  readonly malformed: number;
  /** Packets that hide that there is no traffic, RFC 4303 section 2.6. */
  readonly dummies: number;
  /** Refused since the lifetime or the sequence numbers are used up. */
  readonly exhausted: number;
  readonly failed: number;
}

/** An SA. An engine that has it alone may use it; what it says of its use may be asked for at any time. */
export interface EspSa {
  /** Wraps an IP packet. Undefined when it is refused, which is counted. @throws {TypeError} for an inbound SA */
  seal(packet: Uint8Array): Uint8Array | undefined;
  /** Unwraps an ESP packet. Undefined when it is refused, which is counted. @throws {TypeError} for an outbound SA */
  open(packet: Uint8Array): Uint8Array | undefined;
  /** The number that was sent last, or accepted highest. */
  setSequence(sequence: bigint): void;
  use(): EspSaUse;
}

/** Addresses and ports from first to last; OPAQUE ports are 65535 to 0. */
export interface EspRange {
  /** 0 for any. */
  readonly protocol: number;
  readonly startAddress: Uint8Array;
  readonly endAddress: Uint8Array;
  readonly startPort: number;
  readonly endPort: number;
}

export enum EspAction {
  PROTECT = 0,
  PASS = 1,
  DROP = 2,
}

export interface EspPolicy {
  readonly inbound: boolean;
  readonly action: EspAction;
  /** 0 to 255; the lower, the earlier it is looked at. */
  readonly rank: number;
  readonly source: EspRange;
  readonly destination: EspRange;
  readonly reqid: number;
  /** Of the SA that carries what matches, 0 for a trap. */
  readonly spi: number;
  readonly tunnelDestination: EspEndpoint;
}

export interface EspPolicies {
  add(policy: EspPolicy): void;
  /** One user of the policy less. @returns whether it was there */
  remove(policy: EspPolicy): boolean;
  find(packet: Uint8Array): { readonly action: EspAction; readonly reqid: number; readonly spi: number } | undefined;
  readonly size: number;
}

/** What IKE has to know. */
export type EspEvent =
  | {
      readonly kind: "soft-expiry" | "hard-expiry";
      readonly reqid: number;
      readonly spi: number;
      readonly destination: EspEndpoint;
    }
  | {
      readonly kind: "mapping";
      readonly reqid: number;
      readonly spi: number;
      readonly destination: EspEndpoint;
      /** Where the peer's packets, which are genuine, come from now. */
      readonly peer: EspEndpoint;
    }
  | {
      readonly kind: "acquire";
      readonly reqid: number;
      readonly protocol: number;
      /** Of the packet; ports are 0 where it has none. */
      readonly source: EspEndpoint;
      readonly destination: EspEndpoint;
    };

/** Packets of the whole engine. */
export interface EspCounters {
  /** Datagrams, and packets of ESP by itself. */
  readonly received: number;
  /** To the TUN device. */
  readonly delivered: number;
  /** To the sockets. */
  readonly sent: number;
  readonly unknownSpi: number;
  /** IKE messages and garbage. */
  readonly notEsp: number;
  /** Genuine, but not what their SA is for. */
  readonly inboundPolicy: number;
  /** Packets out that no policy is for. */
  readonly noPolicy: number;
  /** Packets out whose policy is no tunnel. */
  readonly blocked: number;
  /** Packets out whose policy has no SA (yet). */
  readonly noSa: number;
  /** Refused by their SA. */
  readonly dropped: number;
  readonly tunErrors: number;
}

export interface NativeEspEngine {
  readonly device: string;
  readonly mtu: number;
  joinPort(fd: number, family: 4 | 6, key: Pick<SteeringKey, "shards"> & Partial<SteeringKey>): void;
  openRaw(fd: number, family: 4 | 6): void;
  addSa(sa: EspSa, softMs: number, hardMs: number): void;
  removeSa(sa: EspSa): void;
  moveSa(sa: EspSa, ends: { readonly source: EspEndpoint; readonly destination: EspEndpoint; readonly inUdp: boolean }): void;
  addPolicy(policy: EspPolicy): void;
  removePolicy(policy: EspPolicy): void;
  counters(): EspCounters;
  close(): void;
}

export interface EspEngineOptions {
  /** Threads of the process that name the same share one data path: its device is opened by the first, and closed with the last. */
  readonly name: string;
  /** Of the TUN device; `%d` stands for the first number that is free. */
  readonly device: string;
  readonly mtu: number;
}

interface EspBinding {
  readonly EspSa: new (options: EspSaOptions) => EspSa;
  readonly EspPolicies: new () => EspPolicies;
  readonly EspEngine: new (options: EspEngineOptions, listener: (event: EspEvent) => void) => NativeEspEngine;
}

let binding: EspBinding | undefined;
export const espBinding = (): EspBinding => (binding ??= loadBinding<EspBinding>());

/**
 * Makes an SA.
 * @throws {RangeError} for algorithms that there are not, or keys of another size
 * @throws {TypeError} for an option out of its range
 */
export const createEspSa = (options: EspSaOptions): EspSa => new (espBinding().EspSa)(options);

/** Makes a table of policies of one direction, apart from any engine. */
export const createEspPolicies = (): EspPolicies => new (espBinding().EspPolicies)();
