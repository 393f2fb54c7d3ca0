import { proposalsToString } from "@cygnet/crypto";
import type { Proposal, ProposalOffer } from "@cygnet/crypto";
import { sameSelectors } from "../../config/index.js";
import type { TrafficSelector } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import type { IkeSa } from "../ike-sa.js";

/** Alerts about what both sides could not agree on, or not in full. */

/** @param received undefined where the peer says that it chose none of ours */
export function alertProposals(
  { bus }: IkeContext,
  ikeSa: IkeSa,
  alert: "proposal-mismatch-ike" | "proposal-mismatch-child",
  { configured, received }: { readonly configured: readonly Proposal[]; readonly received?: readonly ProposalOffer[] },
): void {
  if (!bus.wants("alert")) return;
  const theirs = received?.map(({ proposal }) => proposal) ?? [];
  bus.alert(ikeSa, { alert, configured: proposalsToString(configured), received: proposalsToString(theirs) });
}

/** Nothing is left of the selectors that the initiator proposed. */
export function alertSelectors(
  { bus }: IkeContext,
  ikeSa: IkeSa,
  initiator: readonly TrafficSelector[],
  responder: readonly TrafficSelector[],
): void {
  if (bus.wants("alert"))
    bus.alert(ikeSa, { alert: "ts-mismatch", initiator: initiator.join(" "), responder: responder.join(" ") });
}

/**
 * Says so where what was agreed on for one side is less than what is configured for it.
 * @param own as configured, dynamic selectors resolved
 */
export function alertNarrowed(
  { bus }: IkeContext,
  ikeSa: IkeSa,
  side: "local" | "remote",
  own: readonly TrafficSelector[],
  agreed: readonly TrafficSelector[],
): void {
  if (agreed.length === 0 || sameSelectors(own, agreed) || !bus.wants("alert")) return;
  bus.alert(ikeSa, { alert: "ts-narrowed", side, selectors: agreed.join(" ") });
}
