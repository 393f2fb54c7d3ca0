import { ChildSaState, LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { childKeyLengths } from "@cygnet/crypto";
import type { ProposalSelection } from "@cygnet/crypto";
import { spiNumber } from "@cygnet/wire";
import type { IkeContext } from "../../ike-context.js";
import { PolicyRefused } from "../../kernel/kernel-interface.js";
import type { ChildSa } from "../child-sa.js";
import type { IkeSa } from "../ike-sa.js";
import { logChildKeys } from "./key-log.js";

/** What an exchange agreed on for a CHILD_SA. */
export interface ChildAgreement {
  readonly selection: ProposalSelection;
  /** We began the exchange: RFC 7296 section 2.17 names the keys by who did. */
  readonly isInitiator: boolean;
  readonly nonces: { readonly initiator: Uint8Array; readonly responder: Uint8Array };
  /** What it rekeys. */
  readonly replaced?: ChildSa | undefined;
  /** Of a key exchange of its own; stays the caller's, who wipes it when the call returns. */
  readonly sharedSecret: Uint8Array | undefined;
}

/**
 * Derives the keys of a CHILD_SA whose selectors and inbound SPI are set, puts it into the kernel and adds it to its IKE_SA. The keys are
 * wiped when the call returns.
 * @returns whether it is installed; if not, why was logged, and the kernel has nothing of it but the allocated SPI
 */
export function installChild(
  context: IkeContext,
  ikeSa: IkeSa,
  child: ChildSa,
  agreement: ChildAgreement,
): MaybePromise<boolean> {
  const { log, bus, kernel, keymat, random } = context;
  const { selection, isInitiator, nonces, replaced, sharedSecret } = agreement;
  child.proposal = selection.proposal;
  child.protocol = selection.proposal.protocol === 2 ? 2 : 3;
  child.spiOut = spiNumber(selection.spi);
  child.udpEncap = ikeSa.isBehindNat;
  child.lifetime = child.config.lifetime(() => random.fraction());
  child.enter(context, ChildSaState.INSTALLING);
  const lengths = childKeyLengths(selection.proposal);
  if (!lengths) {
    log.log(LogGroup.CHD, 1, `no keylength defined for ${selection.proposal}`);
    return false;
  }
  const failed = (error: unknown): boolean => {
    const isPolicy = error instanceof PolicyRefused;
    log.log(LogGroup.KNL, 1, `unable to install IPsec ${isPolicy ? "policies" : "SAs"}: ${(error as Error).message}`);
    bus.alert(ikeSa, { alert: isPolicy ? "install-child-policy-failed" : "install-child-sa-failed", childSa: child });
    return false;
  };
  const input = { nonceInitiator: nonces.initiator, nonceResponder: nonces.responder, sharedSecret };
  bus.childKeyMaterial(ikeSa, child, isInitiator, input);
  const keys = keymat.childKeys(ikeSa.suite!, ikeSa.keys!, input, lengths);
  logChildKeys(log, sharedSecret, keys);
  if (bus.wants("childKeys")) bus.childKeys(ikeSa, child, isInitiator, keys);
  try {
    const result = kernel.install(child, isInitiator, keys, replaced);
    if (!(result instanceof Promise)) return installed(context, ikeSa, child);
    return context.manager.whenSettled(ikeSa, result, () => installed(context, ikeSa, child), { failed });
  } catch (error) {
    return failed(error);
  } finally {
    keymat.wipeChildKeys(lengths);
  }
}

function installed(context: IkeContext, ikeSa: IkeSa, child: ChildSa): true {
  child.enter(context, ChildSaState.INSTALLED);
  ikeSa.addChild(child);
  context.manager.upkeep.childInstalled(child);
  context.log.log(LogGroup.IKE, 0, `CHILD_SA ${child.label} established with SPIs ${child.spis()} and TS ${child.selectors()}`);
  return true;
}
