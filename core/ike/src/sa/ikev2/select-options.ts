import type { SelectOptions } from "@cygnet/crypto";
import type { IkeContext } from "../../ike-context.js";
import { Condition } from "../ike-sa.js";
import type { IkeSa } from "../ike-sa.js";

/** What an exchange asks of the key exchange in a proposal, see `SelectOptions`. */
export type KeRequirement = Pick<SelectOptions, "ignoreKe" | "requiredKe">;

const ANY_KE: KeRequirement = {};

/** How proposals are chosen with this peer. Every member is written out, so that all such objects have one shape. */
export function selectOptions({ options, log }: IkeContext, ikeSa: IkeSa, ke: KeRequirement = ANY_KE): SelectOptions {
  return {
    preferConfigured: options.prefer_configured_proposals,
    allowPrivate: options.accept_private_algs || ikeSa.has(Condition.SAME_IMPLEMENTATION),
    ignoreKe: ke.ignoreKe,
    requiredKe: ke.requiredKe,
    logger: log,
  };
}
