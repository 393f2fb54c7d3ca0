import type { PerPriority, ProcessorStatus } from "@cygnet/plugin-api";

/**
 * The processors of all shards, as one.
 * @param permanent job slots that are no shard's, and always at work on what is critical
 */
export function sumProcessors(all: readonly ProcessorStatus[], permanent: number): ProcessorStatus {
  const sum = (count: (status: ProcessorStatus) => number): number => all.reduce((total, status) => total + count(status), 0);
  const perPriority = (counts: (status: ProcessorStatus) => PerPriority): PerPriority => [
    sum((status) => counts(status)[0]),
    sum((status) => counts(status)[1]),
    sum((status) => counts(status)[2]),
    sum((status) => counts(status)[3]),
  ];
  const [critical, high, medium, low] = perPriority(({ working }) => working);
  return {
    total: permanent + sum(({ total }) => total),
    idle: sum(({ idle }) => idle),
    working: [permanent + critical, high, medium, low],
    queued: perPriority(({ queued }) => queued),
    scheduled: sum(({ scheduled }) => scheduled),
  };
}
