import type { KernelPolicy } from "@cygnet/plugin-api";
import { familyNumber } from "../netlink/addresses.js";
import type { MessageWriter } from "../netlink/message-writer.js";
import { ACTION_ALLOW, ACTION_BLOCK, SHARE_ANY, TEMPLATE_BYTES, XfrmAttribute } from "./constants.js";
import { kernelDirection, kernelMode, kernelProtocol } from "./numbers.js";
import { putLifetime, putMark } from "./sa-request.js";
import { putSelector } from "./selector.js";
import type { Selector } from "./selector.js";

/** Any algorithm: the SA was negotiated by us. */
const ALL_ALGORITHMS = 0xffffffff;

/** Writes a policy: the structure and the attributes of XFRM_MSG_NEWPOLICY and XFRM_MSG_UPDPOLICY. */
export function putPolicy(writer: MessageWriter, policy: KernelPolicy, selector: Selector, priority: number): void {
  putSelector(writer, 0, selector);
  putLifetime(writer, 56, undefined);
  writer.u32(152, priority);
  writer.u8(160, kernelDirection(policy.direction));
  writer.u8(161, policy.type === "drop" ? ACTION_BLOCK : ACTION_ALLOW);
  writer.u8(163, SHARE_ANY);
  if (policy.type === "ipsec") putTemplate(writer, policy);
  putPolicyMarks(writer, policy);
}

/** Writes what names a policy: the structure and the attributes of XFRM_MSG_DELPOLICY and XFRM_MSG_GETPOLICY. */
export function putPolicyId(writer: MessageWriter, policy: KernelPolicy, selector: Selector): void {
  putSelector(writer, 0, selector);
  writer.u8(60, kernelDirection(policy.direction));
  putPolicyMarks(writer, policy);
}

function putPolicyMarks(writer: MessageWriter, { mark, interfaceId }: KernelPolicy): void {
  if (mark.mask !== 0) putMark(writer, mark);
  if (interfaceId) writer.u32Attribute(XfrmAttribute.IF_ID, interfaceId);
}

/**
 * Struct xfrm_user_tmpl: which SA is used. Outbound it is the one that was negotiated last, by its SPI; inbound any of the reqid, as packets under
 * the old SA are still on their way.
 */
function putTemplate(writer: MessageWriter, policy: KernelPolicy): void {
  const { mode, tunnelSource, tunnelDestination } = policy;
  writer.attribute(XfrmAttribute.TMPL, TEMPLATE_BYTES);
  if (mode !== "transport") {
    writer.bytes(0, tunnelDestination.address);
    writer.bytes(28, tunnelSource.address);
  }
  if (policy.direction === "out") writer.be32(16, policy.spi);
  writer.u8(20, kernelProtocol(policy.protocol));
  writer.u16(24, familyNumber(tunnelDestination.family));
  writer.u32(44, policy.reqid);
  writer.u8(48, kernelMode(mode));
  writer.u8(49, SHARE_ANY);
  writer.u32(52, ALL_ALGORITHMS);
  writer.u32(56, ALL_ALGORITHMS);
  writer.u32(60, ALL_ALGORITHMS);
  writer.end();
}
