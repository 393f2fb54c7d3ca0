import { JobPriority } from "@cygnet/plugin-api";
import type { FeatureLocation, PluginReport } from "@cygnet/plugin-api";
import type { Settings } from "@cygnet/settings";
import type { CoreFeatures } from "../built-in-plugin.js";
import type { ShardPort } from "../link.js";
import type { CharonValues } from "../options/charon-values.js";
import type { ControlSlots } from "./processor-sum.js";
import { ShardSide } from "../shard/shard-side.js";
import type { ShardSideParts } from "../shard/shard-side.js";

/** The shards as control has them, wherever they live. */
export interface ShardSet {
  /** One per shard, in order. A shard that is replaced gets a new one in its place. */
  readonly ports: readonly ShardPort[];
  /** Job slots at work that no shard's processor knows of. */
  readonly controlSlots: ControlSlots;
  /** What lives on control's thread. */
  readonly locations: readonly FeatureLocation[];
  /** The daemon's own features of a shard that shares its thread with control. */
  readonly core: CoreFeatures;
  /** Loads the plugins of threads other than control's, and begins to receive there. */
  load(): Promise<void>;
  /** What became of the plugins on threads other than control's, of each shard that answers. */
  pluginReports(): Promise<readonly (readonly PluginReport[])[]>;
  /** @param values what control read of the settings */
  reload(settings: Settings, values: CharonValues): Promise<void>;
  /** Takes a job slot for a request on a control socket. @returns what gives it back */
  occupy(): () => void;
  /** Ends the shards, after control's plugins are unloaded. */
  stop(): Promise<void>;
}

/** One shard, on the thread of control. */
export class LocalShard implements ShardSet {
  readonly locations = ["control", "shard"] as const;
  readonly controlSlots = { permanent: 0, requests: 0 };
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

  pluginReports(): Promise<readonly (readonly PluginReport[])[]> {
    return Promise.resolve([]);
  }

  async reload(_settings: Settings, { ike }: CharonValues): Promise<void> {
    this.side.shard.applyOptions(ike);
  }

  occupy(): () => void {
    return this.side.processor.occupySpare(JobPriority.CRITICAL);
  }

  stop(): Promise<void> {
    return this.side.drain();
  }
}
