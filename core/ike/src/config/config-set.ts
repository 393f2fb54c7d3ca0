import { Host } from "@cygnet/plugin-api";
import type { PeerDefinition } from "@cygnet/plugin-api";
import type { Identification, RdnMatching } from "../identity/index.js";
import { MATCH_ANY } from "../identity/index.js";
import { bestChild } from "./child-selection.js";
import type { ChildConfig } from "./child-config.js";
import { compilePeer } from "./compile-peer.js";
import type { CompileEnv } from "./compile-peer.js";
import type { ConfigChange } from "./config-change.js";
import type { IkeConfig } from "./ike-config.js";
import type { PeerConfig } from "./peer-config.js";
import type { TrafficSelector } from "./traffic-selector.js";

interface Entry {
  readonly backend: string;
  readonly peer: PeerConfig;
  /** Results for the case that this entry is the only match, so that a lookup need not make a list. */
  readonly peers: readonly PeerConfig[];
  readonly ikes: readonly IkeConfig[];
}

interface Candidate {
  readonly entry: Entry;
  readonly hosts: number;
  readonly identities: number;
}

const NO_PEERS: readonly PeerConfig[] = Object.freeze([]);
const NO_IKES: readonly IkeConfig[] = Object.freeze([]);

/** The two sides' addresses that dynamic traffic selectors stand for: virtual IPs, or the IKE addresses. */
export interface DynamicHosts {
  readonly local: readonly Host[];
  readonly remote: readonly Host[];
}

/**
 * The connections of one shard. Synchronous; a lookup with one match makes no garbage.
 *
 * SAs hold their configuration themselves: replacing or removing one here does not touch them.
 */
export class ConfigSet {
  readonly #entries: Entry[] = [];
  /** How identities of distinguished names are matched (`charon.rdn_matching`). */
  rdnMatching: RdnMatching = "strict";

  constructor(private readonly env: CompileEnv) {}

  get size(): number {
    return this.#entries.length;
  }

  /** All connections in the order they were added. */
  *peers(): Iterable<PeerConfig> {
    for (const { peer } of this.#entries) yield peer;
  }

  /**
   * Adds a connection, or puts it in the place of the one that has its name and backend.
   * @throws {DefinitionError} as `compilePeer`; nothing has changed then
   */
  add(backend: string, definition: PeerDefinition): PeerConfig {
    const peer = compilePeer(definition, this.env);
    this.put(backend, peer);
    return peer;
  }

  /** Like `add`, for a configuration that is compiled already. */
  put(backend: string, peer: PeerConfig): void {
    const entry: Entry = { backend, peer, peers: Object.freeze([peer]), ikes: Object.freeze([peer.ike]) };
    const at = this.#find(backend, peer.name);
    if (at < 0) this.#entries.push(entry);
    else this.#entries[at] = entry;
  }

  /** @returns whether there was one */
  remove(backend: string, name: string): boolean {
    const at = this.#find(backend, name);
    if (at < 0) return false;
    this.#entries.splice(at, 1);
    return true;
  }

  /** Applies what `ConnectionStoreImpl` broadcasts. @throws {DefinitionError} as `add` */
  apply(change: ConfigChange): void {
    if (change.op === "add") this.add(change.backend, change.peer);
    else if (change.op === "remove") this.remove(change.backend, change.name);
    else
      this.resolveName(
        change.name,
        change.addresses.map((text) => Host.of(text)),
      );
  }

  /** Sets the addresses of a host name wherever a connection uses it. */
  resolveName(name: string, hosts: readonly Host[]): void {
    for (const { peer } of this.#entries)
      for (const matcher of peer.ike.names()) if (matcher.text === name) matcher.resolve(hosts);
  }

  /** Host names that connections use, each once. */
  hostNames(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { peer } of this.#entries) for (const matcher of peer.ike.names()) names.add(matcher.text);
    return names;
  }

  /**
   * The configuration to answer a first message with: the most specific for the pair of addresses, of equal ones the one added first.
   * @param version of the message
   */
  ikeConfig(local: Host, remote: Host, version: 0 | 1 | 2): IkeConfig | undefined {
    let best: IkeConfig | undefined;
    let bestQuality = 0;
    for (let i = 0; i < this.#entries.length; i++) {
      const { ike } = this.#entries[i]!.peer;
      if (!ike.allows(version)) continue;
      const quality = ike.quality(local, remote);
      if (quality > bestQuality) {
        best = ike;
        bestQuality = quality;
      }
    }
    return best;
  }

  /** All configurations that fit a pair of addresses, best first: their proposals are what may be agreed on with this peer. */
  ikeConfigs(local: Host, remote: Host, version: 0 | 1 | 2): readonly IkeConfig[] {
    let only: Entry | undefined;
    let several: { ike: IkeConfig; quality: number }[] | undefined;
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i]!;
      const { ike } = entry.peer;
      const quality = ike.allows(version) ? ike.quality(local, remote) : 0;
      if (quality === 0) continue;
      if (only === undefined) only = entry;
      else {
        several ??= [{ ike: only.peer.ike, quality: only.peer.ike.quality(local, remote) }];
        several.push({ ike, quality });
      }
    }
    if (several) return several.sort((a, b) => b.quality - a.quality).map(({ ike }) => ike);
    return only ? only.ikes : NO_IKES;
  }

  /**
   * Connections for a pair of addresses and identities, best first. One that fits the addresses better and the identities no worse (or the
   * other way round) goes before; where neither is better in both, the one added first does.
   *
   * @param localId the identity the peer expects of us, undefined when it did not say
   * @param remoteId matched against the first authentication round; undefined while it is unknown
   */
  candidates(
    local: Host,
    remote: Host,
    localId: Identification | undefined,
    remoteId: Identification | undefined,
    version: 0 | 1 | 2,
  ): readonly PeerConfig[] {
    let only: Entry | undefined;
    let onlyHosts = 0;
    let onlyIdentities = 0;
    let several: Candidate[] | undefined;
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i]!;
      const { peer } = entry;
      const hosts = peer.ike.allows(version) ? peer.ike.quality(local, remote) : 0;
      if (hosts === 0) continue;
      const ours = this.#identityQuality(localId, peer.local[0]!.id);
      const theirs = ours === 0 ? 0 : this.#identityQuality(remoteId, peer.remote[0]!.id);
      if (theirs === 0) continue;
      if (only === undefined) {
        only = entry;
        onlyHosts = hosts;
        onlyIdentities = ours + theirs;
        continue;
      }
      several ??= [{ entry: only, hosts: onlyHosts, identities: onlyIdentities }];
      insertCandidate(several, { entry, hosts, identities: ours + theirs });
    }
    if (several) return several.map((candidate) => candidate.entry.peer);
    return only ? only.peers : NO_PEERS;
  }

  /** The connection of this name, of any backend. */
  peerByName(name: string): PeerConfig | undefined {
    for (const { peer } of this.#entries) if (peer.name === name) return peer;
    return undefined;
  }

  /** The connection of this name, or else the first one that has a child of this name, with that child. */
  find(name: string): { readonly peer: PeerConfig; readonly child: ChildConfig | undefined } | undefined {
    const named = this.peerByName(name);
    if (named) return { peer: named, child: named.child(name) };
    for (const { peer } of this.#entries) {
      const child = peer.child(name);
      if (child) return { peer, child };
    }
    return undefined;
  }

  /** The child that fits proposed selectors best, undefined when none of the peer's does. See `bestChild`. */
  childFor(
    peer: PeerConfig,
    remoteTs: readonly TrafficSelector[],
    localTs: readonly TrafficSelector[],
    hosts: DynamicHosts,
    labels?: readonly Uint8Array[],
  ): ChildConfig | undefined {
    return bestChild(peer.children, labels, localTs, remoteTs, hosts.local, hosts.remote);
  }

  #identityQuality(id: Identification | undefined, pattern: Identification | undefined): number {
    return id === undefined || pattern === undefined ? MATCH_ANY : id.matches(pattern, this.rdnMatching);
  }

  #find(backend: string, name: string): number {
    return this.#entries.findIndex((entry) => entry.backend === backend && entry.peer.name === name);
  }
}

/** Puts a candidate before the first one that it beats in one respect without being worse in the other. */
function insertCandidate(list: Candidate[], added: Candidate): void {
  const at = list.findIndex(
    (other) =>
      (added.hosts > other.hosts && added.identities >= other.identities) ||
      (added.hosts >= other.hosts && added.identities > other.identities),
  );
  list.splice(at < 0 ? list.length : at, 0, added);
}
