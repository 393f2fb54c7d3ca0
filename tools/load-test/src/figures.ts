import type { LoadTestStatus } from "@cygnet/plugin-load-tester";
import type { Moment } from "./progress.js";
import type { Outcome } from "./summary.js";

/** What both daemons say at one moment; the responder is undefined if it is a remote one. */
export interface Statuses {
  readonly initiator: LoadTestStatus;
  readonly responder: LoadTestStatus | undefined;
}

/** What the initiations came to, out of the initiator's status. */
export function outcomeOf({ established, failed, refused, retransmits, elapsed_ms, setup_ms: ms }: LoadTestStatus): Outcome {
  return {
    established,
    failed: failed + refused,
    retransmissions: retransmits,
    elapsedMs: elapsed_ms,
    setupMs: { p50: ms.p50, p95: ms.p95, p99: ms.p99, max: ms.max },
  };
}

/** Datagrams that the kernel dropped at the sockets of both sides. */
export function droppedOf({ initiator, responder }: Statuses): number {
  return initiator.sockets.dropped + (responder?.sockets.dropped ?? 0);
}

/** @param before the statuses of the beginning, as datagrams that were dropped before are none of the test's */
export function momentOf(now: Statuses, before: Statuses, sessions: number, elapsedMs: number): Moment {
  const { initiator, responder } = now;
  const sides = [...(responder === undefined ? [] : [["responder", responder] as const]), ["initiator", initiator] as const];
  return {
    elapsedMs,
    sessions,
    established: initiator.established,
    failed: initiator.failed + initiator.refused,
    halfOpen: (responder ?? initiator).half_open,
    queued: sides.map(([side, status]) => ({ side, jobs: status.processor.queued })),
    dropped: droppedOf(now) - droppedOf(before),
  };
}
