/**
 * Parts of the daemon for tests that join two shards without a whole daemon around each.
 *
 * @packageDocumentation
 */
export { builtInPlugin } from "./built-in-plugin.js";
export { FetcherTable } from "./control/fetcher-table.js";
export { ControlSide } from "./control/control-side.js";
export { DaemonController } from "./control/daemon-controller.js";
export { DaemonProfiler } from "./control/daemon-profiler.js";
export { ListFiles } from "./control/list-files.js";
export { LinkedShards } from "./control/linked-shards.js";
export { notation } from "./control/definition-notation.js";
export { daemonOptions } from "./options/charon-options.js";
export { KernelInterfaces } from "./services/kernel-manager.js";
export { ListedAddresses } from "./services/negotiation-only-kernel.js";
export { SocketHolder } from "./services/socket-manager.js";
export { Shard, compileEnv } from "./shard/shard.js";
export { sharedMemory } from "./shard/shared-memory.js";
export type { HeapUse } from "./shard/heap-watch.js";
export type { ControlPort, FollowedOperation, ShardPort } from "./link.js";
