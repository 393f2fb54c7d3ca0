import { LogGroup } from "@cygnet/plugin-api";
import { IpcompTransform, NotifyType, PayloadType, ipcompTransformName } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../ike-context.js";
import type { ChildSa } from "../child-sa.js";
import type { IkeSa } from "../ike-sa.js";
import type { OutgoingMessage } from "./outgoing-message.js";

/** Whether IPComp (RFC 3173) may be negotiated: it is configured, and no NAT is on the way, where packets are in UDP. */
export function wantsIpcomp({ log }: IkeContext, ikeSa: IkeSa, { config }: ChildSa): boolean {
  if (!config.ipcomp) return false;
  if (!ikeSa.isBehindNat) return true;
  log.log(LogGroup.IKE, 1, "IPComp is not supported if either peer is natted, IPComp disabled");
  return false;
}

/** Says which CPI packets to us have (RFC 7296 section 3.10.1); nothing where there is none. */
export function addIpcompNotify(message: OutgoingMessage, { cpiIn }: ChildSa): void {
  if (cpiIn !== 0)
    message.addNotify(NotifyType.IPCOMP_SUPPORTED, Uint8Array.of(cpiIn >> 8, cpiIn & 0xff, IpcompTransform.DEFLATE));
}

/** The CPI that packets to the peer may have with DEFLATE, the only transform that kernels have; 0 for none. */
export function receivedCpi({ log }: IkeContext, message: Message): number {
  for (const payload of message.payloads) {
    if (payload.type !== PayloadType.NOTIFY || payload.notifyType !== NotifyType.IPCOMP_SUPPORTED) continue;
    const [high, low, transform] = payload.data as Uint8Array & { 0: number; 1: number; 2: number };
    const cpi = (high << 8) | low;
    if (transform === IpcompTransform.DEFLATE && cpi !== 0) return cpi;
    const name = ipcompTransformName(transform);
    log.log(LogGroup.IKE, 1, `received IPCOMP_SUPPORTED notify with a transform ID we don't support ${name}`);
  }
  return 0;
}

/**
 * As initiator, what becomes of our offer: the peer's CPI, or none where it does not want to.
 * @returns false where it takes what we did not offer
 */
export function concludeIpcomp(context: IkeContext, child: ChildSa, message: Message): boolean {
  const cpi = receivedCpi(context, message);
  if (cpi !== 0 && child.cpiIn === 0) {
    context.log.log(LogGroup.IKE, 1, "received an IPCOMP_SUPPORTED notify without requesting one, no CHILD_SA built");
    return false;
  }
  child.cpiOut = cpi;
  if (cpi === 0 && child.cpiIn !== 0) context.kernel.releaseCpi(child);
  return true;
}

/** As responder, whether an offer is taken. */
export function takesIpcomp(context: IkeContext, ikeSa: IkeSa, child: ChildSa, offered: number): boolean {
  if (offered === 0) return false;
  if (child.config.ipcomp) return wantsIpcomp(context, ikeSa, child);
  context.log.log(LogGroup.IKE, 1, "received IPCOMP_SUPPORTED notify but IPComp is disabled, ignoring");
  return false;
}
