import type { PerPriority, ProcessorStatus } from "@cygnet/plugin-api";

/** The processors of all shards, as one. */
export function sumProcessors(all: readonly ProcessorStatus[]): ProcessorStatus {
  const sum = (count: (status: ProcessorStatus) => number): number => all.reduce((total, status) => total + count(status), 0);
  const perPriority = (counts: (status: ProcessorStatus) => PerPriority): PerPriority => [
    sum((status) => counts(status)[0]),
    sum((status) => counts(status)[1]),
    sum((status) => counts(status)[2]),
    sum((status) => counts(status)[3]),
  ];
  return {
    total: sum(({ total }) => total),
    idle: sum(({ idle }) => idle),
    working: perPriority(({ working }) => working),
    queued: perPriority(({ queued }) => queued),
    scheduled: sum(({ scheduled }) => scheduled),
  };
}
