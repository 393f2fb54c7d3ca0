import type { PerPriority } from "@cygnet/plugin-api";

/** Splits a number of things as evenly as can be; the first parts get what is left over. */
export function share(total: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, part) => Math.floor((total + parts - 1 - part) / parts));
}

/** A shard's part of the job slots, and of those that are reserved by class. */
export interface SlotShare {
  readonly slots: number;
  readonly reservations: PerPriority;
}

/**
 * Splits job slots and reservations over shards, at least one slot for each. A shard keeps one slot that no class has reserved, since jobs of the
 * others could never run there; where that leaves no place for a reservation it is dropped. What reserves all slots does so on every shard.
 */
export function shareSlots(slots: number, reservations: PerPriority, shards: number): SlotShare[] {
  const own = share(slots, shards);
  const [critical, high, medium] = reservations;
  if (critical + high + medium >= slots) {
    const all = reservations.map((reserved) => share(reserved, shards));
    return own.map((each, shard) => ({ slots: each, reservations: perPriority((kind) => all[kind]![shard]!) }));
  }
  const reserved = own.map((): [number, number, number, number] => [0, 0, 0, 0]);
  const free = [...own];
  reservations.forEach((count, kind) => {
    for (let left = count; left > 0; left--) {
      const most = free.indexOf(Math.max(...free));
      if (free[most]! <= 1) return;
      free[most]!--;
      reserved[most]![kind]!++;
    }
  });
  return own.map((each, shard) => ({ slots: each, reservations: reserved[shard]! }));
}

/** How many reserved slots have no place. */
export function droppedReservations(reservations: PerPriority, shares: readonly SlotShare[]): number {
  const sum = (counts: PerPriority): number => counts[0] + counts[1] + counts[2] + counts[3];
  return sum(reservations) - shares.reduce((placed, share) => placed + sum(share.reservations), 0);
}

const perPriority = (of: (kind: number) => number): PerPriority => [of(0), of(1), of(2), of(3)];
