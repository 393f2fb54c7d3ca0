import { TransformType } from "@cygnet/wire";
import { ProposalBuilder } from "./proposal.js";
import type { Proposal } from "./proposal.js";
import { isAdditionalKe, TRANSFORM_ORDER } from "./transform.js";

const KE = TransformType.KEY_EXCHANGE_METHOD;

const builder = new ProposalBuilder();
const stripped = new WeakMap<Proposal, Proposal>();

/** The proposal without key exchanges, as it is sent for the CHILD_SA of IKE_AUTH. The same object when there are none. */
export function withoutKe(proposal: Proposal): Proposal {
  const known = stripped.get(proposal);
  if (known !== undefined) return known;
  builder.reset(proposal.protocol);
  for (const type of TRANSFORM_ORDER) {
    if (type === KE || isAdditionalKe(type)) continue;
    for (const transform of proposal.transforms(type)) builder.add(type, transform);
  }
  const result = builder.build();
  stripped.set(proposal, result);
  return result;
}

/** Whether any of these proposals has this key exchange method, so that a peer's INVALID_KE_PAYLOAD can be followed. */
export function proposalsHaveKe(proposals: readonly Proposal[], method: number): boolean {
  return proposals.some((proposal) => proposal.hasKe(method));
}

/**
 * The proposals with one key exchange method put first, for the retry after INVALID_KE_PAYLOAD: those that have it come first,
 * with it as their preferred one; the others follow as they were.
 */
export function promoteKe(proposals: readonly Proposal[], method: number): Proposal[] {
  const having: Proposal[] = [];
  const others: Proposal[] = [];
  for (const proposal of proposals) {
    if (!proposal.hasKe(method)) others.push(proposal);
    else having.push(proposal.first(KE) === method ? proposal : withKeFirst(proposal, method));
  }
  return having.concat(others);
}

function withKeFirst(proposal: Proposal, method: number): Proposal {
  builder.reset(proposal.protocol).add(KE, method);
  for (const type of TRANSFORM_ORDER) {
    for (const transform of proposal.transforms(type)) {
      if (type !== KE || transform !== method) builder.add(type, transform);
    }
  }
  return builder.build();
}
