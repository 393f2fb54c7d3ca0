import { LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import type { IkeContext } from "../ike-context.js";
import { Condition } from "./ike-sa.js";
import type { IkeSa } from "./ike-sa.js";
import { pairOf } from "./uniqueness-index.js";

/**
 * As responder, before an IKE_SA is let up: what becomes of others between the same identities (`uniqueids`, and INITIAL_CONTACT of
 * RFC 7296 section 2.4), on this shard and on others.
 * @returns false when the new one must go; a promise only where another shard has to be asked
 */
export function enforceUniqueness(context: IkeContext, ikeSa: IkeSa): MaybePromise<boolean> {
  const policy = ikeSa.peerConfig?.unique ?? "no";
  if (policy === "never") return true;
  const { control, manager } = context;
  const { uniqueness } = manager;
  uniqueness.add(ikeSa);
  const isInitialContact = ikeSa.has(Condition.INITIAL_CONTACT);
  if (policy === "no" && !isInitialContact) return true;
  const isKept = policy === "keep" && !isInitialContact;
  const duplicates = uniqueness.duplicates(ikeSa);
  if (isKept && duplicates.length > 0) return cancelled(context, ikeSa);
  for (const uniqueId of duplicates) endDuplicate(context, uniqueId, isInitialContact);
  if (!uniqueness.isElsewhere(ikeSa)) return true;
  const pair = pairOf(ikeSa);
  if (!isKept) {
    const ended = control.endDuplicates(pair, ikeSa.order, isInitialContact);
    // What goes without a DELETE is gone before the new one asks for an address, and that is the one it had.
    return isInitialContact && ended instanceof Promise ? ended.then(() => true) : true;
  }
  const hasOther = control.hasDuplicate(pair, ikeSa.order);
  if (!(hasOther instanceof Promise)) return !hasOther || cancelled(context, ikeSa);
  return hasOther.then((has) => !has || cancelled(context, ikeSa));
}

/** Ends an IKE_SA whose place another one takes. */
export function endDuplicate({ log, bus, manager }: IkeContext, uniqueId: number, isInitialContact: boolean): void {
  const old = manager.byId(uniqueId);
  if (!old) return;
  if (isInitialContact) {
    log.log(LogGroup.IKE, 0, `destroying duplicate IKE_SA for peer '${old.remoteId}', received INITIAL_CONTACT`);
    manager.destroy(old);
  } else {
    log.log(LogGroup.IKE, 0, `deleting duplicate IKE_SA for peer '${old.remoteId}' due to uniqueness policy`);
    bus.alert(old, { alert: "unique-replace" });
    void manager.work(uniqueId, { run: (sa) => manager.upkeep.close(sa) });
  }
}

function cancelled({ log, bus }: IkeContext, ikeSa: IkeSa): false {
  log.log(LogGroup.IKE, 1, `cancelling IKE_SA setup due to uniqueness policy`);
  bus.alert(ikeSa, { alert: "unique-keep" });
  return false;
}

/**
 * Whether to tell the responder that we know of no other IKE_SA with it, which takes that we know who it is. From now on this one is known, so
 * that of several that are set up at once the first one says so only.
 */
export function claimsInitialContact({ manager: { uniqueness } }: IkeContext, ikeSa: IkeSa): boolean {
  if (ikeSa.peerConfig?.unique === "never" || ikeSa.reauthenticatesId !== 0) return false;
  if (ikeSa.remoteId!.type === IdType.ID_ANY) return false;
  const isFirst = uniqueness.duplicates(ikeSa).length === 0 && !uniqueness.isElsewhere(ikeSa);
  uniqueness.add(ikeSa);
  return isFirst;
}
