import type { Host } from "@cygnet/plugin-api";
import type { ChildConfig } from "./child-config.js";
import { sameSelectors } from "./narrowing.js";
import type { TrafficSelector } from "./traffic-selector.js";

/** How well one side fits: all that was proposed, all of the first selector (the packet's), or something of it. */
const FITS_ALL = 5;
const FITS_FIRST = 2;
const FITS_SOME = 1;
const FITS_NOT = 0;

/**
 * The child whose selectors fit a proposal best; of equal ones the first. Shunts are no candidates: they are not negotiated.
 *
 * @param labels the security labels that were proposed, see `ChildConfig.takesLabel`
 * @param localHosts what dynamic selectors of our side stand for
 */
export function bestChild(
  children: readonly ChildConfig[],
  labels: readonly Uint8Array[] | undefined,
  localTs: readonly TrafficSelector[],
  remoteTs: readonly TrafficSelector[],
  localHosts: readonly Host[],
  remoteHosts: readonly Host[],
): ChildConfig | undefined {
  let best: ChildConfig | undefined;
  let bestFit = 0;
  for (let i = 0; i < children.length; i++) {
    const child = children[i]!;
    if (child.isShunt || !child.takesLabel(labels)) continue;
    const ours = sideFit(child, "local", localTs, localHosts);
    const theirs = ours === FITS_NOT ? FITS_NOT : sideFit(child, "remote", remoteTs, remoteHosts);
    if (theirs === FITS_NOT || ours + theirs <= bestFit) continue;
    best = child;
    bestFit = ours + theirs;
    if (bestFit === 2 * FITS_ALL) break;
  }
  return best;
}

function sideFit(
  child: ChildConfig,
  side: "local" | "remote",
  proposed: readonly TrafficSelector[],
  hosts: readonly Host[],
): number {
  const selected = child.selectors(side, proposed, hosts);
  if (selected.length === 0) return FITS_NOT;
  if (sameSelectors(selected, proposed)) return FITS_ALL;
  return selected.some((ts) => ts.contains(proposed[0]!)) ? FITS_FIRST : FITS_SOME;
}
