import { randomBytes } from "node:crypto";
import { JobPriority } from "@cygnet/plugin-api";
import type { FeatureLocation } from "@cygnet/plugin-api";
import type { Settings } from "@cygnet/settings";
import { DaemonCounts, IdentityPairs, LeaseFilter } from "@cygnet/ike";
import type { CoreFeatures } from "../built-in-plugin.js";
import type { ShardPort } from "../link.js";
import { readCharon } from "../options/charon-values.js";
import type { SettingsView } from "@cygnet/settings";
import { ShardSide } from "../shard/shard-side.js";
import type { SharedMemory } from "../shard/shard.js";
import type { ShardSideParts } from "../shard/shard-side.js";

/** The shards as control has them, wherever they live. */
export interface ShardSet {
  /** One per shard, in order. A shard that is replaced gets a new one in its place. */
  readonly ports: readonly ShardPort[];
  /** Job slots for what never ends, which no shard has. */
  readonly permanent: number;
  /** What lives on control's thread. */
  readonly locations: readonly FeatureLocation[];
  /** The daemon's own features of a shard that shares its thread with control. */
  readonly core: CoreFeatures;
  /** Loads the plugins of threads other than control's, and begins to receive there. */
  load(): Promise<void>;
  reload(settings: Settings, charon: SettingsView): Promise<void>;
  /** The levels of control's log are others now. */
  logChanged(): void;
  /** Takes a job slot for a request on a control socket. @returns what gives it back */
  occupy(): () => void;
  /** Ends the shards, after control's plugins are unloaded. */
  stop(): Promise<void>;
}

/** Memory for so many shards. */
export function sharedMemory(shards: number): SharedMemory {
  return {
    counts: DaemonCounts.memory(shards, randomBytes(4).readInt32LE()),
    pairs: IdentityPairs.memory(shards),
    leases: shards > 1 ? LeaseFilter.memory(shards) : undefined,
  };
}

/** One shard, on the thread of control. */
export class LocalShard implements ShardSet {
  readonly locations = ["control", "shard"] as const;
  readonly permanent = 0;
  readonly side: ShardSide;
  readonly ports: readonly ShardPort[];

  constructor(parts: Omit<ShardSideParts, "index" | "shards">) {
    this.side = new ShardSide({ ...parts, index: 0, shards: 1 });
    this.ports = [this.side.shard];
  }

  get core(): CoreFeatures {
    return this.side.core;
  }

  /** Its plugins are loaded with control's. */
  async load(): Promise<void> {}

  async reload(_settings: Settings, charon: SettingsView): Promise<void> {
    this.side.shard.applyOptions(readCharon(charon).ike);
  }

  logChanged(): void {}

  occupy(): () => void {
    return this.side.processor.occupySpare(JobPriority.CRITICAL);
  }

  stop(): Promise<void> {
    return this.side.drain();
  }
}
