import type { Host, KernelEvents } from "@cygnet/plugin-api";
import { familyOf, readHost } from "../netlink/addresses.js";
import type { MessageReader } from "../netlink/message-reader.js";
import {
  ACQUIRE_BYTES,
  KMADDRESS_BYTES,
  MIGRATE_BYTES,
  POLICY_ID_BYTES,
  TEMPLATE_BYTES,
  XfrmAttribute,
  XfrmMessage,
} from "./constants.js";
import { ipsecProtocol } from "./numbers.js";
import { rangesOf, readSelector } from "./selector.js";

/** Whom events of XFRM are for. */
export interface XfrmListener extends Omit<KernelEvents, "migrate"> {
  /** The policies and SAs of a reqid were moved: where their IKE_SA is now. */
  migrated(reqid: number, local: Host, remote: Host): void;
}

/**
 * Reads one event of XFRM and passes it on. What is not about an IPsec SA of IPv4 or IPv6 is ignored.
 * @throws {SystemError} CYG_NETLINK_MALFORMED
 */
export function passXfrmEvent(message: MessageReader, events: XfrmListener): void {
  switch (message.type as XfrmMessage) {
    case XfrmMessage.ACQUIRE:
      return passAcquire(message, events);
    case XfrmMessage.EXPIRE:
      return passExpire(message, events);
    case XfrmMessage.MAPPING:
      return passMapping(message, events);
    case XfrmMessage.MIGRATE:
      return passMigrate(message, events);
    default:
  }
}

/** Struct xfrm_user_acquire: a packet met a trap. Which one, its template says by the reqid. */
function passAcquire(message: MessageReader, events: XfrmListener): void {
  const selector = readSelector(message, 40);
  if (!selector || !message.find(XfrmAttribute.TMPL, ACQUIRE_BYTES) || message.length < TEMPLATE_BYTES) return;
  const reqid = message.u32(44);
  const { source, destination } = rangesOf(selector);
  events.acquire(reqid, source, destination);
}

/** Struct xfrm_user_expire: a limit of an SA is reached. */
function passExpire(message: MessageReader, events: XfrmListener): void {
  const family = familyOf(message.u16(212));
  const protocol = ipsecProtocol(message.u8(76));
  const isHard = message.u8(224) !== 0;
  if (family && protocol) events.expire(protocol, message.be32(72), readHost(message, 56, family), isHard);
}

/** Struct xfrm_user_mapping: packets of an inbound SA come from elsewhere. */
function passMapping(message: MessageReader, events: XfrmListener): void {
  const family = familyOf(message.u16(20));
  const protocol = ipsecProtocol(message.u8(22));
  if (!family || !protocol) return;
  const destination = readHost(message, 0, family);
  events.mapping(protocol, message.be32(16), destination, readHost(message, 44, family, message.be16(62)));
}

/**
 * Struct xfrm_userpolicy_id, with struct xfrm_user_migrate for each pair of SAs, and where the addresses of their IKE_SA were given, struct
 * xfrm_user_kmaddress. Without those it is another program's IKE_SA, or none.
 */
function passMigrate(message: MessageReader, events: XfrmListener): void {
  if (!message.find(XfrmAttribute.KMADDRESS, POLICY_ID_BYTES) || message.length < KMADDRESS_BYTES) return;
  const family = familyOf(message.u16(36));
  if (!family) return;
  const [local, remote] = [readHost(message, 0, family), readHost(message, 16, family)];
  if (message.find(XfrmAttribute.MIGRATE, POLICY_ID_BYTES) && message.length >= MIGRATE_BYTES)
    events.migrated(message.u32(68), local, remote);
}
