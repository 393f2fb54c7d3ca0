import type { Host } from "@cygnet/plugin-api";
import { TrafficSelector } from "./traffic-selector.js";

/**
 * Operations on lists of traffic selectors, RFC 7296 section 2.9.
 *
 * Lists have a handful of entries; everything is quadratic in that and bounded by the 255 selectors of a payload.
 */

/** The most selectors a TS payload holds. */
const MAX_SELECTORS = 255;

/**
 * Puts addresses in the place of dynamic selectors: one selector for each host. Without hosts, dynamic ones are left as they are.
 * Answers `list` itself when there is nothing to replace.
 */
export function resolveDynamic(list: readonly TrafficSelector[], hosts: readonly Host[]): readonly TrafficSelector[] {
  if (hosts.length === 0 || !hasDynamic(list)) return list;
  const out: TrafficSelector[] = [];
  for (const ts of list) {
    if (!ts.isDynamic) out.push(ts);
    else for (const host of hosts) out.push(ts.withHost(host));
  }
  return out;
}

function hasDynamic(list: readonly TrafficSelector[]): boolean {
  for (const ts of list) if (ts.isDynamic) return true;
  return false;
}

/** Without selectors that another one of the list contains; of equal ones the first stays. The order is kept. */
export function reduceSelectors(list: readonly TrafficSelector[]): readonly TrafficSelector[] {
  if (list.length < 2) return list;
  return list.filter((ts, at) => !list.some((other, i) => i !== at && other.contains(ts) && (i < at || !ts.contains(other))));
}

/**
 * What is left of a peer's proposal under our configuration: all intersections without duplicates and subsets, in the order of our
 * configuration. As it keeps something of every proposed selector that overlaps, the packet that an initiator's first selectors
 * describe is covered whenever policy allows (RFC 7296 section 2.9). Empty when nothing is acceptable.
 *
 * @param configured ours, with dynamic selectors resolved
 */
export function narrow(configured: readonly TrafficSelector[], proposed: readonly TrafficSelector[]): readonly TrafficSelector[] {
  const found: TrafficSelector[] = [];
  for (const ours of configured) {
    for (const theirs of proposed) {
      const common = ours.intersect(theirs);
      if (common && !found.some((ts) => ts.contains(common))) found.push(common);
    }
  }
  const reduced = reduceSelectors(found);
  return reduced.length > MAX_SELECTORS ? reduced.slice(0, MAX_SELECTORS) : reduced;
}

/** What of a list is the hosts' own traffic, which is all that transport mode carries (RFC 7296 section 1.3.1). */
export function ofHosts(list: readonly TrafficSelector[], hosts: readonly Host[]): readonly TrafficSelector[] {
  return narrow(
    list,
    hosts.map((host) => TrafficSelector.ofHost(host)),
  );
}

/** Whether every selector of `inner` lies within one of `outer`: what an initiator demands of the responder's choice. */
export function isSubset(inner: readonly TrafficSelector[], outer: readonly TrafficSelector[]): boolean {
  return inner.every((ts) => outer.some((other) => other.contains(ts)));
}

/** Whether two lists hold the same selectors, in any order. */
export function sameSelectors(a: readonly TrafficSelector[], b: readonly TrafficSelector[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((ts) => b.some((other) => other.equals(ts)));
}

/**
 * The proposal that an acquire makes: the packet's own selector first, although others contain it, so that the responder knows what the
 * CHILD_SA is for when it has to narrow (RFC 7296 section 2.9).
 */
export function withPacketFirst(packet: TrafficSelector, list: readonly TrafficSelector[]): readonly TrafficSelector[] {
  return [packet, ...list.filter((ts) => !ts.equals(packet))];
}
