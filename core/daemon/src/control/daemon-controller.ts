import type {
  ChildDefinition,
  Controller,
  DaemonProfile,
  PluginReport,
  DaemonStatus,
  IkeSaStatus,
  InstalledPolicy,
  LinkTopic,
  MaybePromise,
  MessageCounts,
  OperationObserver,
  OperationResult,
  PeerDefinition,
  RedirectGateway,
  SaSelector,
} from "@cygnet/plugin-api";
import { LogGroup } from "@cygnet/plugin-api";
import { sumMessageCounts } from "@cygnet/ike";
import type { ConnectionStoreImpl, Initiation } from "@cygnet/ike";
import type { LogManager } from "@cygnet/runtime";
import type { FollowedOperation, ShardPort } from "../link.js";
import { ShardGoneError } from "../threads/gone-shard.js";
import type { ControlSide } from "./control-side.js";
import { ShardListing } from "./shard-listing.js";
import type { ListingRequest } from "./shard-listing.js";

/** Always the same shard for one name: it is the one to ask later. */
function shardOf(name: string, shards: number): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) >>> 0;
  return hash % shards;
}

/** What the controller needs of the daemon around it. */
export interface ControllerParts {
  readonly shards: readonly ShardPort[];
  readonly side: ControlSide;
  readonly connections: ConnectionStoreImpl;
  readonly log: LogManager;
  readonly status: () => Promise<DaemonStatus>;
  readonly profile: () => Promise<DaemonProfile>;
  readonly plugins: () => Promise<readonly PluginReport[]>;
  readonly reloadSettings: () => Promise<void>;
  readonly shutdown: (reason: string) => void;
}

/**
 * Carries out what control sockets ask for, on the shards. Which shard has an IKE_SA is not known here: commands by id go to all, and the one
 * that has it answers.
 */
export class DaemonController implements Controller {
  #nextShard = 0;
  #nextList = 1;
  /** Traps and shunts by the names of their children. */
  readonly #installed = new Map<string, Initiation>();

  constructor(private readonly parts: ControllerParts) {}

  async initiate(
    peer: PeerDefinition,
    child: ChildDefinition | undefined,
    observer?: OperationObserver,
    timeoutMs = 0,
  ): Promise<OperationResult> {
    const { connections } = this.parts;
    // A connection that the shards know goes by its name; one made for the occasion goes along.
    const isKnown = connections.list().includes(peer);
    const initiation = { peer: isKnown ? peer.name : peer, child: child?.name };
    return this.#follow(observer, timeoutMs, (follow) => this.#initiateSomewhere(initiation, follow));
  }

  async install(peer: PeerDefinition, child: ChildDefinition): Promise<boolean> {
    const { shards, connections } = this.parts;
    const initiation = { peer: connections.list().includes(peer) ? peer.name : peer, child: child.name };
    const shard = shardOf(child.name, shards.length);
    const done = await shards[shard]!.install(initiation);
    if (done) this.#installed.set(child.name, initiation);
    else this.#installed.delete(child.name);
    return done;
  }

  /** A CHILD_SA is gone, and its child is to have a trap from now on. Unless it has one, or the connection is gone as well. */
  async installTrap(connection: string, childName: string): Promise<void> {
    if (this.#installed.has(childName)) return;
    const peer = this.parts.connections.list().find(({ name }) => name === connection);
    const child = peer?.children.find(({ name }) => name === childName);
    if (peer && child) await this.install(peer, child);
  }

  async uninstall(childName: string): Promise<"trap" | "shunt" | undefined> {
    const { shards } = this.parts;
    this.#installed.delete(childName);
    return shards[shardOf(childName, shards.length)]!.uninstall(childName);
  }

  async installedPolicies(): Promise<readonly InstalledPolicy[]> {
    const lists = await Promise.all(this.parts.shards.map((shard) => shard.installedPolicies()));
    return lists.flat();
  }

  /** A shard that takes the place of another one gets the traps and shunts of that. */
  async restorePolicies(shard: ShardPort): Promise<void> {
    const { shards } = this.parts;
    for (const [name, initiation] of this.#installed)
      if (shards[shardOf(name, shards.length)] === shard) await shard.install(initiation);
  }

  terminateIke(uniqueId: number, observer?: OperationObserver, timeoutMs = 0, force = false): Promise<OperationResult> {
    return this.#onOwner(observer, timeoutMs, (shard, follow) => shard.terminateIke(uniqueId, follow, force));
  }

  terminateChild(uniqueId: number, observer?: OperationObserver, timeoutMs = 0): Promise<OperationResult> {
    return this.#onOwner(observer, timeoutMs, (shard, follow) => shard.terminateChild(uniqueId, follow));
  }

  async rekeyIke(uniqueId: number, reauth = false): Promise<boolean> {
    const answers = await Promise.all(this.parts.shards.map((shard) => shard.rekeyIke(uniqueId, reauth)));
    return answers.includes(true);
  }

  async rekeyChild(uniqueId: number): Promise<boolean> {
    const answers = await Promise.all(this.parts.shards.map((shard) => shard.rekeyChild(uniqueId)));
    return answers.includes(true);
  }

  async redirectIke(uniqueId: number, gateway: RedirectGateway): Promise<boolean> {
    const answers = await Promise.all(this.parts.shards.map((shard) => shard.redirectIke(uniqueId, gateway)));
    return answers.includes(true);
  }

  ikeSas(selector: SaSelector, withUse: boolean): AsyncGenerator<readonly IkeSaStatus[]> {
    const list = this.#nextList++;
    return this.#listed({ list, selector, withUse, next: (shard) => shard.nextListed(list) });
  }

  ikeSaTexts<How>(selector: SaSelector, withUse: boolean, topic: LinkTopic<How, string>, how: How): AsyncGenerator<string> {
    const list = this.#nextList++;
    return this.#listed({ list, selector, withUse, next: (shard) => shard.nextText(list, topic.name, how) });
  }

  async *#listed<Piece>(request: ListingRequest<Piece>): AsyncGenerator<Piece> {
    const { shards, log } = this.parts;
    // A shard that dies in the middle of it has no more to list; the others have.
    const failed = (error: unknown): void => log.log(LogGroup.MGR, 1, `listing IKE_SAs of a shard failed: ${String(error)}`);
    // All begin at once, so that none is waited for after another.
    const lists = shards.map((shard) => new ShardListing(shard, request, failed));
    try {
      for (const list of lists) for (let piece = await list.next(); piece !== undefined; piece = await list.next()) yield piece;
    } finally {
      await Promise.all(lists.map((list) => list.close()));
    }
  }

  async count(): Promise<{ readonly up: number; readonly connecting: number }> {
    const counts = await Promise.all(this.parts.shards.map((shard) => shard.count()));
    return counts.reduce((sum, one) => ({ up: sum.up + one.up, connecting: sum.connecting + one.connecting }), {
      up: 0,
      connecting: 0,
    });
  }

  async messageCounts(): Promise<MessageCounts> {
    return sumMessageCounts(await Promise.all(this.parts.shards.map((shard) => shard.messageCounts())));
  }

  status(): Promise<DaemonStatus> {
    return this.parts.status();
  }

  profile(): Promise<DaemonProfile> {
    return this.parts.profile();
  }

  plugins(): Promise<readonly PluginReport[]> {
    return this.parts.plugins();
  }

  setLogLevel(group: LogGroup | undefined, level: number): void {
    this.parts.log.setLevel(group, level);
  }

  reloadSettings(): Promise<void> {
    return this.parts.reloadSettings();
  }

  shutdown(reason: string): void {
    this.parts.shutdown(reason);
  }

  /** The next shard's turn, or that of one behind it where it is gone or dies meanwhile. */
  async #initiateSomewhere(initiation: Initiation, follow: FollowedOperation | undefined): Promise<OperationResult> {
    const { shards } = this.parts;
    for (let tries = 0; tries < shards.length; tries++) {
      const shard = shards[this.#nextShard++ % shards.length]!;
      try {
        return await shard.initiate(initiation, follow);
      } catch (error) {
        if (!(error instanceof ShardGoneError)) throw error;
      }
    }
    return "failed";
  }

  /** The first shard that has it; `failed` from all of them means that none has. */
  async #onOwner(
    observer: OperationObserver | undefined,
    timeoutMs: number,
    run: (shard: ShardPort, follow: FollowedOperation | undefined) => MaybePromise<OperationResult>,
  ): Promise<OperationResult> {
    return this.#follow(observer, timeoutMs, async (follow) => {
      const results = await Promise.all(this.parts.shards.map((shard) => run(shard, follow)));
      return results.find((result) => result !== "failed") ?? "failed";
    });
  }

  async #follow(
    observer: OperationObserver | undefined,
    timeoutMs: number,
    run: (follow: FollowedOperation | undefined) => MaybePromise<OperationResult>,
  ): Promise<OperationResult> {
    if (!observer) return run(undefined);
    const { operation, end } = this.parts.side.follow(observer);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<OperationResult>((resolve) => {
      if (timeoutMs > 0) timer = setTimeout(() => resolve("timeout"), timeoutMs);
    });
    try {
      return await Promise.race([run({ operation, level: observer.level }), patience]);
    } finally {
      clearTimeout(timer);
      end();
    }
  }
}
