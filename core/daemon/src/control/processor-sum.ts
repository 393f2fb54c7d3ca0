import type { PerPriority, ProcessorStatus } from "@cygnet/plugin-api";

/** Job slots of control, all for what is critical. */
export interface ControlSlots {
  /** Of what never ends; they are no shard's. */
  readonly permanent: number;
  /** Requests on control sockets. Each is taken for an idle slot of a shard as far as there are any, and one more, as in `occupySpare`. */
  readonly requests: number;
}

/** The processors of all shards, and control's part, as one. */
export function sumProcessors(all: readonly ProcessorStatus[], { permanent, requests }: ControlSlots): ProcessorStatus {
  const sum = (count: (status: ProcessorStatus) => number): number => all.reduce((total, status) => total + count(status), 0);
  const perPriority = (counts: (status: ProcessorStatus) => PerPriority): PerPriority => [
    sum((status) => counts(status)[0]),
    sum((status) => counts(status)[1]),
    sum((status) => counts(status)[2]),
    sum((status) => counts(status)[3]),
  ];
  const [critical, high, medium, low] = perPriority(({ working }) => working);
  const idle = sum((status) => status.idle);
  const served = Math.max(0, Math.min(requests, idle - 1));
  return {
    total: permanent + sum(({ total }) => total),
    idle: idle - served,
    working: [permanent + served + critical, high, medium, low],
    queued: perPriority(({ queued }) => queued),
    scheduled: sum(({ scheduled }) => scheduled),
  };
}
