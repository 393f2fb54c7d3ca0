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
/** Where a template has its reqid. */
const TEMPLATE_REQID = 44;

/** A network that a policy led to. */
export interface LedTo {
  readonly family: 4 | 6;
  readonly address: Uint8Array;
  readonly prefix: number;
}

/** What was left in the kernel, and is gone. */
export interface XfrmLeftovers {
  readonly sas: number;
  /** Names of the policies. */
  readonly policies: readonly string[];
  /** Where the outbound ones led to, and none that stays does. */
  readonly destinations: readonly LedTo[];
}

/** One shard of several. */
export interface ShardPart {
  readonly shard: number;
  /** Whether it is this shard that draws the reqid. */
  readonly draws: (reqid: number) => boolean;
}

interface Mark {
  readonly value: number;
  readonly mask: number;
}

/** How a policy is named to the kernel, and to us. */
interface FoundPolicy {
  readonly key: string;
  /** 0 for shunts. */
  readonly reqid: number;
  readonly selector: Uint8Array;
  readonly index: number;
  readonly direction: number;
  readonly mark: Mark;
  readonly interfaceId: number;
  readonly destination: LedTo | undefined;
}

interface FoundSa {
  readonly shard: number;
  readonly reqid: number;
  readonly destination: Uint8Array;
  readonly spi: number;
  readonly family: number;
  readonly protocol: number;
  readonly mark: Mark;
}

/**
 * Takes SAs and policies with our tags out of the kernel. Policies go first, so that no packet asks for an SA in between.
 * @param part whose they are; undefined for those of all shards
 */
export function cleanXfrm(requests: NetlinkRequests, tags: OwnTags, part?: ShardPart): XfrmLeftovers {
  const [allSas, allPolicies] = [findSas(requests, tags), findPolicies(requests, tags)];
  const [sas, otherSas] = partition(allSas, ({ shard }) => !part || shard === part.shard);
  const gone = new Set(sas.map(({ reqid }) => reqid));
  const used = new Set(otherSas.map(({ reqid }) => reqid));
  // Traps have no SA, and a reqid that is configured may be that of several shards.
  const isGone = ({ reqid }: FoundPolicy): boolean =>
    !part || (reqid !== 0 && !used.has(reqid) && (gone.has(reqid) || part.draws(reqid)));
  const [policies, otherPolicies] = partition(allPolicies, isGone);
  inBatches(requests, policies, deletePolicy);
  inBatches(requests, sas, deleteSa);
  const kept = new Set(destinationsOf(otherPolicies).map(networkKey));
  const destinations = destinationsOf(policies).filter((network) => !kept.has(networkKey(network)));
  return { sas: sas.length, policies: policies.map(({ key }) => key), destinations };
}

function partition<T>(all: readonly T[], test: (one: T) => boolean): readonly [T[], T[]] {
  const parts: [T[], T[]] = [[], []];
  for (const one of all) parts[test(one) ? 0 : 1].push(one);
  return parts;
}

const destinationsOf = (policies: readonly FoundPolicy[]): LedTo[] =>
  policies.map(({ destination }) => destination).filter((found) => found !== undefined);

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
    const { mark, interfaceId, reqid } = readAttributes(message, POLICY_INFO_BYTES);
    const key = policyKey({ direction: name, mark, interfaceId }, selector);
    if (index !== tags.policy(key, direction)) return;
    const destination = name === "out" ? ledTo(selector.family, selector.destination) : undefined;
    found.push({ key, selector: octets, index, direction, mark, interfaceId, reqid, destination });
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
    const shard = tags.shardOf(message.u32(204), spi, protocol);
    if (shard === undefined) return;
    const [reqid, destination] = [message.u32(208), message.bytes(56, 16)];
    found.push({ shard, reqid, destination, spi, family, protocol, mark: readAttributes(message, SA_INFO_BYTES).mark });
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
function readAttributes(message: MessageReader, structBytes: number): Pick<FoundPolicy, "mark" | "interfaceId" | "reqid"> {
  let mark: Mark = { value: 0, mask: 0 };
  let [interfaceId, reqid] = [0, 0];
  message.attributes(structBytes);
  for (let type = message.nextAttribute(); type >= 0; type = message.nextAttribute()) {
    if (type === (XfrmAttribute.MARK as number)) mark = { value: message.u32(0), mask: message.u32(4) };
    else if (type === (XfrmAttribute.IF_ID as number)) interfaceId = message.u32(0);
    else if (type === (XfrmAttribute.TMPL as number)) reqid = message.u32(TEMPLATE_REQID);
  }
  return { mark, interfaceId, reqid };
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
