import { LogGroup } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import { Condition } from "./ike-sa.js";
import type { IkeSa } from "./ike-sa.js";

/**
 * As responder, before an IKE_SA is let up: what becomes of others between the same identities (`uniqueids`, and INITIAL_CONTACT of
 * RFC 7296 section 2.4).
 * @returns false when the new one must go
 */
export function enforceUniqueness(context: IkeContext, ikeSa: IkeSa): boolean {
  const policy = ikeSa.peerConfig?.unique ?? "no";
  if (policy === "never") return true;
  const { log, bus, manager } = context;
  const isInitialContact = ikeSa.has(Condition.INITIAL_CONTACT);
  if (policy === "no" && !isInitialContact) return true;
  for (const old of manager.uniqueness.duplicates(ikeSa)) {
    if (isInitialContact) {
      log.log(LogGroup.IKE, 0, `destroying duplicate IKE_SA for peer '${ikeSa.remoteId}', received INITIAL_CONTACT`);
      manager.destroy(old);
    } else if (policy === "replace") {
      log.log(LogGroup.IKE, 0, `deleting duplicate IKE_SA for peer '${ikeSa.remoteId}' due to uniqueness policy`);
      bus.alert(ikeSa, { alert: "unique-replace" });
      void manager.work(old, { run: (sa) => manager.upkeep.close(sa) });
    } else if (policy === "keep") {
      log.log(LogGroup.IKE, 1, `cancelling IKE_SA setup due to uniqueness policy`);
      bus.alert(ikeSa, { alert: "unique-keep" });
      return false;
    }
  }
  return true;
}

/** Whether to tell the responder that we know of no other IKE_SA with it. */
export function shouldSendInitialContact(context: IkeContext, ikeSa: IkeSa): boolean {
  const policy = ikeSa.peerConfig?.unique ?? "no";
  if (policy === "no" || policy === "never" || ikeSa.reauthenticates) return false;
  return context.manager.uniqueness.duplicates(ikeSa).length === 0;
}
