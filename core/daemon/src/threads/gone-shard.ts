import { CygnetError, noMessages } from "@cygnet/plugin-api";
import type { ShardPort } from "../link.js";
import type { ThreadPort } from "./thread-ports.js";

/** What a shard that is gone cannot answer. */
export class ShardGoneError extends CygnetError {
  constructor(message = "the shard is gone") {
    super("CYG_SHARD_GONE", message);
  }
}

const gone = (): Promise<never> => Promise.reject(new ShardGoneError());

/** Stands in for a shard that is gone, until another one has its place: it has nothing, and does nothing. */
export const GONE: ShardPort & ThreadPort = {
  applyConfig: () => Promise.resolve(),
  applySecret: () => undefined,
  applyOptions: () => undefined,
  applyAttributes: () => undefined,
  recallAddresses: () => [],
  setRequestedAttributes: () => undefined,
  setBackends: () => undefined,
  initiate: gone,
  install: () => false,
  uninstall: () => undefined,
  installedPolicies: () => [],
  terminateIke: () => "failed",
  terminateChild: () => "failed",
  rekeyIke: () => false,
  rekeyChild: () => false,
  redirectIke: () => false,
  endDuplicates: () => undefined,
  hasDuplicate: () => false,
  openList: () => undefined,
  nextListed: () => undefined,
  nextText: () => undefined,
  closeList: () => undefined,
  count: () => ({ up: 0, connecting: 0 }),
  messageCounts: noMessages,
  processorStatus: () => ({ total: 0, idle: 0, working: [0, 0, 0, 0], queued: [0, 0, 0, 0], scheduled: 0 }),
  profile: gone,
  ask: gone,
  load: gone,
  receive: gone,
  plugins: gone,
  reload: () => Promise.resolve(),
  setLogDemand: () => Promise.resolve(),
  unload: () => Promise.resolve(),
};
