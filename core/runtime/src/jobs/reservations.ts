import { JobPriority } from "@cygnet/plugin-api";
import type { PerPriority } from "@cygnet/plugin-api";

/** Job classes. */
export const PRIORITIES = 4;

/** Configuration and log names of the job classes, by `JobPriority`. */
export const PRIORITY_NAMES = ["critical", "high", "medium", "low"] as const;

/** The class a job counts as: what is no `JobPriority` is low. */
export function priorityClass(priority: number): JobPriority {
  return priority === 0 || priority === 1 || priority === 2 ? priority : JobPriority.LOW;
}

/** Found by `nextClass` when nothing may run although something waits. */
export interface Delay {
  /** First class that is held back; all below it are too. */
  priority: number;
  idle: number;
  reserved: number;
}

/**
 * Which class is served next: strongSwan's reservation rule. Reservations hold back lower classes only; a class whose reservation is
 * used up reserves nothing more.
 *
 * @param slots all job slots; `working`, `queued` and `reservations` have one count per class
 * @param delay filled in when reservations are what holds the rest back
 * @returns the class, or -1 for none
 */
export function nextClass(
  slots: number,
  working: ArrayLike<number>,
  queued: ArrayLike<number>,
  reservations: ArrayLike<number>,
  delay?: Delay,
): number {
  const idle = slots - working[0] - working[1] - working[2] - working[3];
  if (idle <= 0) return -1;
  let reserved = 0;
  for (let priority = 0; priority < PRIORITIES; priority++) {
    if (reserved > 0 && reserved >= idle) {
      if (delay !== undefined) {
        delay.priority = priority;
        delay.idle = idle;
        delay.reserved = reserved;
      }
      return -1;
    }
    if (working[priority] < reservations[priority]) reserved += reservations[priority] - working[priority];
    if (queued[priority] > 0) return priority;
  }
  return -1;
}

/**
 * Sentences for the log where slots and reservations can never serve a class: a daemon set up so does not answer, and strongSwan says
 * nothing about it.
 *
 * @param permanent slots per class that are taken for good by receiver, sender and the like
 */
export function reservationWarnings(slots: number, reservations: PerPriority, permanent: PerPriority = [0, 0, 0, 0]): string[] {
  const free = slots - permanent.reduce((sum, count) => sum + count, 0);
  if (free <= 0) {
    return [`charon.threads = ${slots} leaves no thread for jobs, ${slots - free} are always busy: nothing will be processed`];
  }
  const starved: string[] = [];
  const causes: string[] = [];
  let reserved = 0;
  for (let priority = 0; priority < PRIORITIES; priority++) {
    if (reserved > 0 && reserved >= free) starved.push(PRIORITY_NAMES[priority]);
    const own = Math.max(0, reservations[priority] - permanent[priority]);
    if (own > 0 && starved.length === 0) causes.push(`${PRIORITY_NAMES[priority]} = ${reservations[priority]}`);
    reserved += own;
  }
  if (starved.length === 0) return [];
  const of = free === slots ? `all ${slots} threads` : `all ${free} of ${slots} threads that are not always busy`;
  return [
    `charon.processor.priority_threads { ${causes.join(", ")} } reserves ${of}: ` +
      `${starved.join(" and ")} priority jobs will never run, lower the reservation or raise charon.threads`,
  ];
}
