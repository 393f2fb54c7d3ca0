import { InternalError, noMessages } from "@cygnet/plugin-api";
import type { ShardPort } from "../link.js";
import type { ThreadPort } from "./thread-ports.js";

/** Stands in for a shard that is gone, until another one has its place: it has nothing, and does nothing. */
export const GONE: ShardPort & ThreadPort = {
  applyConfig: () => Promise.resolve(),
  applySecret: () => undefined,
  applyOptions: () => undefined,
  applyAttributes: () => undefined,
  recallAddresses: () => [],
  setRequestedAttributes: () => undefined,
  initiate: () => "failed",
  terminateIke: () => "failed",
  terminateChild: () => "failed",
  rekeyIke: () => false,
  rekeyChild: () => false,
  endDuplicates: () => undefined,
  hasDuplicate: () => false,
  openList: () => 0,
  nextListed: () => undefined,
  closeList: () => undefined,
  count: () => ({ up: 0, connecting: 0 }),
  messageCounts: noMessages,
  processorStatus: () => ({ total: 0, idle: 0, working: [0, 0, 0, 0], queued: [0, 0, 0, 0], scheduled: 0 }),
  profile: () => Promise.reject(new InternalError("the shard is gone")),
  ask: () => Promise.reject(new InternalError("the shard is gone")),
  load: () => Promise.resolve(),
  receive: () => undefined,
  reload: () => Promise.resolve(),
  setLogDemand: () => undefined,
  unload: () => Promise.resolve(),
};
