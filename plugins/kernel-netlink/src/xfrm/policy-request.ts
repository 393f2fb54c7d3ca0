import type { IpsecMode, KernelPolicy } from "@cygnet/plugin-api";
import { familyNumber } from "../netlink/addresses.js";
import type { MessageWriter } from "../netlink/message-writer.js";
import { ACTION_ALLOW, ACTION_BLOCK, IPPROTO_COMP, POLICY_ICMP, SHARE_ANY, TEMPLATE_BYTES, XfrmAttribute } from "./constants.js";
import { kernelDirection, kernelMode, kernelProtocol } from "./numbers.js";
import { putLifetime, putMark } from "./sa-request.js";
import { putSelector } from "./selector.js";
import type { Selector } from "./selector.js";

/** Any algorithm: the SA was negotiated by us. */
const ALL_ALGORITHMS = 0xffffffff;

/** Writes a policy: the structure and the attributes of XFRM_MSG_NEWPOLICY and XFRM_MSG_UPDPOLICY. */
export function putPolicy(
  writer: MessageWriter,
  policy: KernelPolicy,
  selector: Selector,
  { priority, tag }: { readonly priority: number; readonly tag: number },
): void {
  putSelector(writer, 0, selector);
  putLifetime(writer, 56, undefined);
  writer.u32(152, priority);
  writer.u32(156, tag);
  writer.u8(160, kernelDirection(policy.direction));
  writer.u8(161, policy.type === "drop" ? ACTION_BLOCK : ACTION_ALLOW);
  if (policy.icmp) writer.u8(162, POLICY_ICMP);
  writer.u8(163, SHARE_ANY);
  if (policy.type === "ipsec") putTemplates(writer, policy);
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
 * Structs xfrm_user_tmpl: which SAs are used. Outbound it is the one that was negotiated last, by its SPI; inbound any of the reqid, as packets under
 * the old SA are still on their way. With IPComp there are two: IPComp makes the tunnel, for packets that get smaller by it, as the others come without.
 */
function putTemplates(writer: MessageWriter, policy: KernelPolicy): void {
  const { cpi, spi, mode, protocol } = policy;
  writer.attribute(XfrmAttribute.TMPL, cpi ? 2 * TEMPLATE_BYTES : TEMPLATE_BYTES);
  const protocolNumber = kernelProtocol(protocol);
  if (cpi) {
    const isOptional = policy.direction !== "out";
    putTemplate(writer, 0, policy, { spi: cpi, protocolNumber: IPPROTO_COMP, mode, isOptional });
    putTemplate(writer, TEMPLATE_BYTES, policy, { spi, protocolNumber, mode: "transport", isOptional: false });
  } else putTemplate(writer, 0, policy, { spi, protocolNumber, mode, isOptional: false });
  writer.end();
}

interface Template {
  readonly spi: number;
  readonly protocolNumber: number;
  readonly mode: IpsecMode;
  readonly isOptional: boolean;
}

function putTemplate(writer: MessageWriter, at: number, policy: KernelPolicy, template: Template): void {
  const { tunnelSource, tunnelDestination, direction, reqid } = policy;
  const { spi, protocolNumber, mode, isOptional } = template;
  if (mode !== "transport") {
    writer.bytes(at, tunnelDestination.address);
    writer.bytes(at + 28, tunnelSource.address);
  }
  if (direction === "out") writer.be32(at + 16, spi);
  writer.u8(at + 20, protocolNumber);
  writer.u16(at + 24, familyNumber(tunnelDestination.family));
  writer.u32(at + 44, reqid);
  writer.u8(at + 48, kernelMode(mode));
  writer.u8(at + 49, SHARE_ANY);
  if (isOptional) writer.u8(at + 50, 1);
  writer.u32(at + 52, ALL_ALGORITHMS);
  writer.u32(at + 56, ALL_ALGORITHMS);
  writer.u32(at + 60, ALL_ALGORITHMS);
}
