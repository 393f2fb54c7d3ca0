import { formatAddress } from "@cygnet/plugin-api";
import { familyOf } from "../netlink/addresses.js";
import { NLM_F_DUMP } from "../netlink/constants.js";
import type { MessageReader } from "../netlink/message-reader.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import { POLICY_ID_BYTES, POLICY_INFO_BYTES, SA_ID_BYTES, SA_INFO_BYTES, XfrmAttribute, XfrmMessage } from "../xfrm/constants.js";
import { directionOf } from "../xfrm/numbers.js";
import { policyKey } from "../xfrm/policy-table.js";
import { putMark } from "../xfrm/sa-request.js";
import { readSelector } from "../xfrm/selector.js";
import type { SelectorSide } from "../xfrm/selector.js";
import type { OwnTags } from "./own-tags.js";

/** As many requests as go at once. */
const BATCH = 64;

/** A network that a policy led to. */
export interface LedTo {
  readonly family: 4 | 6;
  readonly address: Uint8Array;
  readonly prefix: number;
}

/** What was left in the kernel, and is gone. */
export interface XfrmLeftovers {
  readonly sas: number;
  readonly policies: number;
  /** Where the outbound ones led to. */
  readonly destinations: readonly LedTo[];
}

interface Mark {
  readonly value: number;
  readonly mask: number;
}

/** How a policy is named to the kernel. */
interface FoundPolicy {
  readonly selector: Uint8Array;
  readonly index: number;
  readonly direction: number;
  readonly mark: Mark;
  readonly interfaceId: number;
  readonly destination: LedTo | undefined;
}

interface FoundSa {
  readonly destination: Uint8Array;
  readonly spi: number;
  readonly family: number;
  readonly protocol: number;
  readonly mark: Mark;
}

/** Takes SAs and policies with our tags out of the kernel. Policies go first, so that no packet asks for an SA in between. */
export function cleanXfrm(requests: NetlinkRequests, tags: OwnTags): XfrmLeftovers {
  const policies = findPolicies(requests, tags);
  inBatches(requests, policies, deletePolicy);
  const sas = findSas(requests, tags);
  inBatches(requests, sas, deleteSa);
  const destinations = policies.map(({ destination }) => destination).filter((found) => found !== undefined);
  return { sas: sas.length, policies: policies.length, destinations };
}

function findPolicies(requests: NetlinkRequests, tags: OwnTags): FoundPolicy[] {
  const found: FoundPolicy[] = [];
  // A dump has no structure of its own.
  requests.begin(XfrmMessage.GETPOLICY, NLM_F_DUMP, 0);
  requests.run((message) => {
    if (message.type !== (XfrmMessage.NEWPOLICY as number)) return;
    const direction = message.u8(160);
    const name = directionOf(direction);
    const selector = readSelector(message, 0);
    // Those of sockets are gone with them.
    if (!name || !selector) return;
    const index = message.u32(156);
    const octets = message.bytes(0, 56);
    const { mark, interfaceId } = readMarks(message, POLICY_INFO_BYTES);
    if (index !== tags.policy(policyKey({ direction: name, mark, interfaceId }, selector), direction)) return;
    const destination = name === "out" ? ledTo(selector.family, selector.destination) : undefined;
    found.push({ selector: octets, index, direction, mark, interfaceId, destination });
  });
  return found;
}

const ledTo = (family: 4 | 6, { address, prefix }: SelectorSide): LedTo => ({ family, address, prefix });

function deletePolicy(requests: NetlinkRequests, { selector, index, direction, mark, interfaceId }: FoundPolicy): void {
  const writer = requests.begin(XfrmMessage.DELPOLICY, 0, POLICY_ID_BYTES);
  writer.bytes(0, selector);
  writer.u32(56, index);
  writer.u8(60, direction);
  if (mark.mask !== 0) putMark(writer, mark);
  if (interfaceId !== 0) writer.u32Attribute(XfrmAttribute.IF_ID, interfaceId);
}

function findSas(requests: NetlinkRequests, tags: OwnTags): FoundSa[] {
  const found: FoundSa[] = [];
  requests.begin(XfrmMessage.GETSA, NLM_F_DUMP, 0);
  requests.run((message) => {
    if (message.type !== (XfrmMessage.NEWSA as number) || !familyOf(message.u16(212))) return;
    const [spi, protocol, family] = [message.be32(72), message.u8(76), message.u16(212)];
    if (message.u32(204) !== tags.sa(spi, protocol)) return;
    const destination = message.bytes(56, 16);
    found.push({ destination, spi, family, protocol, mark: readMarks(message, SA_INFO_BYTES).mark });
  });
  return found;
}

function deleteSa(requests: NetlinkRequests, { destination, spi, family, protocol, mark }: FoundSa): void {
  const writer = requests.begin(XfrmMessage.DELSA, 0, SA_ID_BYTES);
  writer.bytes(0, destination);
  writer.be32(16, spi);
  writer.u16(20, family);
  writer.u8(22, protocol);
  if (mark.mask !== 0) putMark(writer, mark);
}

/** The last that is read of a message. */
function readMarks(message: MessageReader, structBytes: number): { readonly mark: Mark; readonly interfaceId: number } {
  let mark: Mark = { value: 0, mask: 0 };
  let interfaceId = 0;
  message.attributes(structBytes);
  for (let type = message.nextAttribute(); type >= 0; type = message.nextAttribute()) {
    if (type === (XfrmAttribute.MARK as number)) mark = { value: message.u32(0), mask: message.u32(4) };
    else if (type === (XfrmAttribute.IF_ID as number)) interfaceId = message.u32(0);
  }
  return { mark, interfaceId };
}

/** What is gone meanwhile is no loss. */
function inBatches<T>(requests: NetlinkRequests, all: readonly T[], write: (requests: NetlinkRequests, one: T) => void): void {
  for (let from = 0; from < all.length; from += BATCH) {
    for (const one of all.slice(from, from + BATCH)) write(requests, one);
    requests.run();
  }
}

/** Equal for equal networks. */
export const networkKey = ({ address, prefix }: Pick<LedTo, "address" | "prefix">): string =>
  `${formatAddress(address)}/${prefix}`;
