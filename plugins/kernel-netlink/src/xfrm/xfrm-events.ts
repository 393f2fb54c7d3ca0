import type { KernelEvents } from "@cygnet/plugin-api";
import { familyOf, readHost } from "../netlink/addresses.js";
import type { MessageReader } from "../netlink/message-reader.js";
import { ACQUIRE_BYTES, TEMPLATE_BYTES, XfrmAttribute, XfrmMessage } from "./constants.js";
import { ipsecProtocol } from "./numbers.js";
import { rangesOf, readSelector } from "./selector.js";

/**
 * Reads one event of XFRM and passes it on. What is not about an IPsec SA of IPv4 or IPv6 is ignored.
 * @throws {SystemError} CYG_NETLINK_MALFORMED
 */
export function passXfrmEvent(message: MessageReader, events: KernelEvents): void {
  switch (message.type as XfrmMessage) {
    case XfrmMessage.ACQUIRE:
      return passAcquire(message, events);
    case XfrmMessage.EXPIRE:
      return passExpire(message, events);
    case XfrmMessage.MAPPING:
      return passMapping(message, events);
    default:
  }
}

/** Struct xfrm_user_acquire: a packet met a trap. Which one, its template says by the reqid. */
function passAcquire(message: MessageReader, events: KernelEvents): void {
  const selector = readSelector(message, 40);
  if (!selector || !message.find(XfrmAttribute.TMPL, ACQUIRE_BYTES) || message.length < TEMPLATE_BYTES) return;
  const reqid = message.u32(44);
  const { source, destination } = rangesOf(selector);
  events.acquire(reqid, source, destination);
}

/** Struct xfrm_user_expire: a limit of an SA is reached. */
function passExpire(message: MessageReader, events: KernelEvents): void {
  const family = familyOf(message.u16(212));
  const protocol = ipsecProtocol(message.u8(76));
  const isHard = message.u8(224) !== 0;
  if (family && protocol) events.expire(protocol, message.be32(72), readHost(message, 56, family), isHard);
}

/** Struct xfrm_user_mapping: packets of an inbound SA come from elsewhere. */
function passMapping(message: MessageReader, events: KernelEvents): void {
  const family = familyOf(message.u16(20));
  const protocol = ipsecProtocol(message.u8(22));
  if (!family || !protocol) return;
  const destination = readHost(message, 0, family);
  events.mapping(protocol, message.be32(16), destination, readHost(message, 44, family, message.be16(62)));
}
