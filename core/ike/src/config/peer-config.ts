import type { Host, PeerDefinition } from "@cygnet/plugin-api";
import type { AuthConfig } from "./auth-config.js";
import type { ChildConfig } from "./child-config.js";
import type { IkeConfig } from "./ike-config.js";
import { rekeyDelay } from "./lifetime.js";
import type { Fraction } from "./lifetime.js";

/** The parts that compiling makes. */
export interface CompiledPeer {
  readonly ike: IkeConfig;
  readonly local: readonly AuthConfig[];
  readonly remote: readonly AuthConfig[];
  readonly virtualIps: readonly Host[];
  readonly children: readonly ChildConfig[];
}

/** A connection, compiled. Immutable; the units are those of `PeerDefinition`. */
export class PeerConfig implements CompiledPeer {
  readonly name: string;
  readonly ike: IkeConfig;
  /** Authentication rounds in order, at least one each. */
  readonly local: readonly AuthConfig[];
  readonly remote: readonly AuthConfig[];
  /** Addresses to ask the peer for; unspecified ones ask for any of the family. */
  readonly virtualIps: readonly Host[];
  readonly children: readonly ChildConfig[];
  readonly version: 0 | 1 | 2;
  readonly unique: PeerDefinition["unique"];
  readonly keyingTries: number;
  readonly reauthTime: number;
  readonly rekeyTime: number;
  readonly jitterTime: number;
  readonly overTime: number;
  readonly dpdDelay: number;
  readonly dpdTimeout: number;
  readonly mobike: boolean;
  readonly aggressive: boolean;
  readonly push: boolean;
  readonly sendCertificates: PeerDefinition["sendCertificates"];
  readonly pools: readonly string[];
  /** What it was compiled from. */
  readonly definition: PeerDefinition;
  #terms: string | undefined;

  constructor(definition: PeerDefinition, compiled: CompiledPeer) {
    this.definition = definition;
    this.name = definition.name;
    this.ike = compiled.ike;
    this.local = compiled.local;
    this.remote = compiled.remote;
    this.virtualIps = compiled.virtualIps;
    this.children = compiled.children;
    this.version = definition.version;
    this.unique = definition.unique;
    this.keyingTries = definition.keyingTries;
    this.reauthTime = definition.reauthTime;
    this.rekeyTime = definition.rekeyTime;
    this.jitterTime = definition.jitterTime;
    this.overTime = definition.overTime;
    this.dpdDelay = definition.dpdDelay;
    this.dpdTimeout = definition.dpdTimeout;
    this.mobike = definition.mobike;
    this.aggressive = definition.aggressive;
    this.push = definition.push;
    this.sendCertificates = definition.sendCertificates;
    this.pools = definition.pools;
  }

  /** Seconds until the IKE_SA is rekeyed, with jitter; 0 for never. */
  rekeyDelay(random: Fraction): number {
    return rekeyDelay(this.rekeyTime, this.jitterTime, random);
  }

  /** Seconds until the IKE_SA is authenticated again, with jitter; 0 for never. */
  reauthDelay(random: Fraction): number {
    return rekeyDelay(this.reauthTime, this.jitterTime, random);
  }

  /** Whether a CHILD_SA of one may go into an IKE_SA of the other: all is equal but the name and the children. */
  equals(other: PeerConfig): boolean {
    return this === other || this.#termsText === other.#termsText;
  }

  /** Everything that counts as one text, kept because it may be compared with that of very many. */
  get #termsText(): string {
    return (this.#terms ??= JSON.stringify({ ...this.definition, name: undefined, children: undefined }));
  }

  /** The child of this name. */
  child(name: string): ChildConfig | undefined {
    return this.children.find((child) => child.name === name);
  }
}
