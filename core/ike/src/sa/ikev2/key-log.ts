import { LogGroup } from "@cygnet/plugin-api";
import type { ChildKeys, IkeKeys, Logger } from "@cygnet/plugin-api";
import type { DeriveOptions } from "@cygnet/crypto";
import { hexDump } from "@cygnet/runtime";
import type { IkeContext } from "../../ike-context.js";
import type { IkeSa } from "../ike-sa.js";

/** Level of what must not be in a log that anybody else sees. */
const SECRETS = 4;

/**
 * Who looks on while the keys of an IKE_SA are derived: listeners, and the log at level 4. Undefined where nobody does.
 *
 * @param sharedSecret of the key exchange
 */
export function keyWatcher({ bus, log }: IkeContext, ikeSa: IkeSa, sharedSecret: Uint8Array): DeriveOptions["onKeys"] {
  if (!log.enabled(LogGroup.IKE, SECRETS)) return bus.wants("ikeKeys") ? (keys) => bus.ikeKeys(ikeSa, keys) : undefined;
  return (keys, skeyseed) => {
    logIkeKeys(log, sharedSecret, skeyseed, keys);
    bus.ikeKeys(ikeSa, keys);
  };
}

function logIkeKeys(log: Logger, sharedSecret: Uint8Array, skeyseed: Uint8Array, keys: IkeKeys): void {
  const dump = (label: string, bytes: Uint8Array): void => log.log(LogGroup.IKE, SECRETS, hexDump(label, bytes));
  dump("shared Diffie Hellman secret", sharedSecret);
  dump("SKEYSEED", skeyseed);
  dump("Sk_d secret", keys.skD);
  // A combined-mode cipher has no keys of its own for integrity.
  if (keys.skAi.length > 0) {
    dump("Sk_ai secret", keys.skAi);
    dump("Sk_ar secret", keys.skAr);
  }
  dump("Sk_ei secret", keys.skEi);
  dump("Sk_er secret", keys.skEr);
  dump("Sk_pi secret", keys.skPi);
  dump("Sk_pr secret", keys.skPr);
}

/** The keys of a CHILD_SA, at level 4. */
export function logChildKeys(log: Logger, sharedSecret: Uint8Array | undefined, keys: ChildKeys): void {
  if (!log.enabled(LogGroup.CHD, SECRETS)) return;
  const dump = (label: string, bytes: Uint8Array): void => {
    if (bytes.length > 0) log.log(LogGroup.CHD, SECRETS, hexDump(label, bytes));
  };
  if (sharedSecret) dump("DH secret", sharedSecret);
  dump("encryption initiator key", keys.encryptionInitiator);
  dump("encryption responder key", keys.encryptionResponder);
  dump("integrity initiator key", keys.integrityInitiator);
  dump("integrity responder key", keys.integrityResponder);
}
