import { randomBytes } from "node:crypto";
import { DaemonCounts, IdentityPairs, LeaseFilter } from "@cygnet/ike";
import { SaNumbers } from "./sa-numbers.js";

/** Memory that all shards share. */
export interface SharedMemory {
  /** Of `DaemonCounts`. */
  readonly counts: SharedArrayBuffer;
  /** Of `IdentityPairs`. */
  readonly pairs: SharedArrayBuffer;
  /** Of `SaNumbers`. */
  readonly numbers: SharedArrayBuffer;
  /** Of `LeaseFilter`, where there are several shards. */
  readonly leases: SharedArrayBuffer | undefined;
}

/** Memory for so many shards. @param key of `DaemonCounts` */
export function sharedMemory(shards: number, key = randomBytes(4).readInt32LE()): SharedMemory {
  return {
    counts: DaemonCounts.memory(shards, key),
    pairs: IdentityPairs.memory(shards),
    numbers: SaNumbers.memory(shards),
    leases: shards > 1 ? LeaseFilter.memory(shards) : undefined,
  };
}
