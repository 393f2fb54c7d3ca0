import type { OperationResult, PerPriority, PluginReport, SharedSockets, SteeringKey } from "@cygnet/plugin-api";
import type { Initiation } from "@cygnet/ike";
import type { LogDemand, LogTrouble } from "@cygnet/runtime";
import type { SettingsData } from "@cygnet/settings";
import type { ControlPort, FollowedOperation } from "../link.js";
import type { SharedMemory } from "../shard/shared-memory.js";
import type { RecordBatch } from "./record-batch.js";

/** What a shard's thread is started with. Plain data. */
export interface ShardThreadData {
  readonly settings: SettingsData;
  /** The section that is the daemon's. */
  readonly namespace: string;
  readonly pidDir: string;
  readonly index: number;
  readonly shards: number;
  readonly slots: number;
  readonly reservations: PerPriority;
  /** Job slots of the shards before this one. */
  readonly slotsBefore: number;
  readonly pluginFolders: readonly string[];
  readonly log: LogDemand;
  readonly shared: SharedMemory;
  readonly steering: SteeringKey;
}

/** What control asks of a shard's thread, beside the shard. */
export interface ThreadPort {
  /** Waits until the shard receives, as plugins on control may be ahead; for the rest as `ShardPort`. */
  ask(topic: string, request: unknown): Promise<unknown>;
  /** Waits for the same. */
  initiate(initiation: Initiation, follow: FollowedOperation | undefined): Promise<OperationResult>;
  /** Loads the plugins; connections can be applied then. @throws {CygnetError} CYG_PLUGIN_CRITICAL when something essential is missing */
  load(sockets: SharedSockets): Promise<void>;
  /** Begins to receive: the shard knows what the others know. */
  receive(): void;
  /** What became of the plugins on this thread. */
  plugins(): Promise<readonly PluginReport[]>;
  /** New settings for plugins and options. */
  reload(settings: SettingsData): Promise<void>;
  /** Settles when files that are no longer demanded are closed. */
  setLogDemand(demand: LogDemand): Promise<void>;
  /** Tells the peers, unloads the plugins and ends what runs. */
  unload(): Promise<void>;
}

/** What a shard on a thread of its own asks of control. */
export interface ThreadControlPort extends ControlPort {
  /** What was logged in a turn, and is not for a file. */
  logged(records: RecordBatch): void;
  /** A log file cannot be written, or can again. */
  logTrouble(shard: number, trouble: LogTrouble): void;
}
