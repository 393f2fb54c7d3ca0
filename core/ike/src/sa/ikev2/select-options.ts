import type { SelectOptions } from "@cygnet/crypto";
import type { IkeContext } from "../../ike-context.js";
import { Condition } from "../ike-sa.js";
import type { IkeSa } from "../ike-sa.js";

/** How proposals are chosen with this peer. */
export function selectOptions({ options, log }: IkeContext, ikeSa: IkeSa): SelectOptions {
  return {
    preferConfigured: options.prefer_configured_proposals,
    allowPrivate: options.accept_private_algs || ikeSa.has(Condition.SAME_IMPLEMENTATION),
    logger: log,
  };
}
