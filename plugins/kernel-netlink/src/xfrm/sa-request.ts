import { CygnetError } from "@cygnet/plugin-api";
import type { Host, IpsecMode, KernelLifetime, KernelMark, KernelSa, KernelSaId } from "@cygnet/plugin-api";
import { familyNumber } from "../netlink/addresses.js";
import type { MessageWriter } from "../netlink/message-writer.js";
import { kernelCipher, kernelIntegrity } from "./algorithms.js";
import {
  ALGORITHM_NAME_BYTES,
  ENCAP_BYTES,
  IPPROTO_COMP,
  OFFLOAD_INBOUND,
  REPLAY_ESN_BYTES,
  STATE_AF_UNSPEC,
  STATE_DECAP_DSCP,
  STATE_ESN,
  STATE_ICMP,
  STATE_NOECN,
  STATE_NOPMTUDISC,
  UDP_ENCAP_ESPINUDP,
  XFLAG_DONT_ENCAP_DSCP,
  XfrmAttribute,
} from "./constants.js";
import { kernelMode, kernelProtocol } from "./numbers.js";
import { putSelector, selectorOf } from "./selector.js";
import type { Selector } from "./selector.js";

/** The bitmap of struct xfrm_usersa_info has 32 bits; larger windows have an attribute. */
const MAX_PLAIN_WINDOW = 32;
/** XFRMA_REPLAY_ESN_MAX, in octets of the bitmap. */
const MAX_WINDOW = 4096 * 8;

/** How SAs are written that no single SA decides on. */
export interface SaStyle {
  /** Selectors of transport mode SAs have protocol and ports. */
  readonly protoPortTransport: boolean;
  /** Index of the interface whose card encrypts, undefined for none. */
  readonly offloadInterface?: number | undefined;
  /** Says that the SA is ours. */
  readonly tag: number;
}

/**
 * Writes an SA: the structure and the attributes of XFRM_MSG_NEWSA and XFRM_MSG_UPDSA.
 * @throws {CygnetError} CYG_KERNEL_ALGORITHM for an algorithm that the kernel has no name for
 */
export function putSa(writer: MessageWriter, id: KernelSaId, sa: KernelSa, style: SaStyle): void {
  // With IPComp that one makes the tunnel, and ESP takes what comes of it.
  const mode = id.cpi ? "transport" : sa.mode;
  const mark = markOfSa(sa);
  // Also written for the outbound SA with ESN, which the kernel refuses without; there are no packets to check there.
  const window = Math.min(sa.replayWindow, MAX_WINDOW);
  const hasReplayAttribute = sa.esn || (sa.inbound && window > MAX_PLAIN_WINDOW);
  const selector = saSelector(sa, style);
  if (selector) putSelector(writer, 0, selector);
  putSaAddresses(writer, id);
  putLifetime(writer, 96, sa.lifetime);
  writer.u32(204, style.tag);
  writer.u32(208, sa.reqid);
  writer.u16(212, familyNumber(id.destination.family));
  writer.u8(214, kernelMode(mode));
  writer.u8(215, sa.inbound && !hasReplayAttribute ? window : 0);
  writer.u8(216, flagsOf(sa, mode));
  if (sa.copyDscp === "no" || sa.copyDscp === "in") writer.u32Attribute(XfrmAttribute.SA_EXTRA_FLAGS, XFLAG_DONT_ENCAP_DSCP);
  putAlgorithms(writer, sa);
  if (sa.udpEncap) putEncap(writer, id.source.port, id.destination.port);
  if (hasReplayAttribute) putReplayWindow(writer, window);
  if (mark) putMark(writer, mark);
  if (sa.setMark && sa.setMark.mask !== 0) {
    writer.u32Attribute(XfrmAttribute.SET_MARK, sa.setMark.value);
    writer.u32Attribute(XfrmAttribute.SET_MARK_MASK, sa.setMark.mask);
  }
  if (sa.interfaceId) writer.u32Attribute(XfrmAttribute.IF_ID, sa.interfaceId);
  // Only tunnel mode has packets to hide the length of.
  if (sa.tfcPadding && mode === "tunnel" && !sa.inbound) writer.u32Attribute(XfrmAttribute.TFCPAD, sa.tfcPadding);
  if (style.offloadInterface !== undefined) {
    writer.attribute(XfrmAttribute.OFFLOAD_DEV, 8);
    writer.u32(0, style.offloadInterface);
    writer.u8(4, sa.inbound ? OFFLOAD_INBOUND : 0);
    writer.end();
  }
}

/** The mark that an SA is found by, undefined where it has none. */
export function markOfSa({ inbound, markInSa, markIn, markOut }: KernelSa): KernelMark | undefined {
  const mark = inbound ? markIn : markOut;
  return mark.mask !== 0 && (!inbound || markInSa) ? mark : undefined;
}

/** What names an IPComp SA. */
export interface CompressionId {
  readonly source: Host;
  readonly destination: Host;
  readonly cpi: number;
}

/** Writes the IPComp SA that goes with an SA of ESP or AH: the same traffic, in its mode. */
export function putCompression(
  writer: MessageWriter,
  { source, destination, cpi }: CompressionId,
  sa: KernelSa,
  tag: number,
): void {
  writer.bytes(56, destination.address);
  writer.be32(72, cpi);
  writer.u8(76, IPPROTO_COMP);
  writer.bytes(80, source.address);
  putLifetime(writer, 96, undefined);
  writer.u32(204, tag);
  writer.u32(208, sa.reqid);
  writer.u16(212, familyNumber(destination.family));
  writer.u8(214, kernelMode(sa.mode));
  writer.u8(216, flagsOf({ ...sa, esn: false }, sa.mode));
  if (sa.copyDscp === "no" || sa.copyDscp === "in") writer.u32Attribute(XfrmAttribute.SA_EXTRA_FLAGS, XFLAG_DONT_ENCAP_DSCP);
  putAlgorithm(writer, XfrmAttribute.ALG_COMP, "deflate", NO_KEY);
  const mark = markOfSa(sa);
  if (mark) putMark(writer, mark);
  if (sa.interfaceId) writer.u32Attribute(XfrmAttribute.IF_ID, sa.interfaceId);
}

/** Fields of struct xfrm_usersa_id of an IPComp SA. */
export function putCompressionId(
  writer: MessageWriter,
  { destination, cpi }: Pick<CompressionId, "destination" | "cpi">,
  mark: KernelMark | undefined,
): void {
  writer.bytes(0, destination.address);
  writer.be32(16, cpi);
  writer.u16(20, familyNumber(destination.family));
  writer.u8(22, IPPROTO_COMP);
  if (mark) putMark(writer, mark);
}

const NO_KEY = new Uint8Array(0);
const NO_ADDRESS = new Uint8Array(16);

/** Addresses and identity in struct xfrm_usersa_info. */
export function putSaAddresses(writer: MessageWriter, { source, destination, spi, protocol }: KernelSaId): void {
  putAddress(writer, 56, destination);
  writer.be32(72, spi);
  writer.u8(76, kernelProtocol(protocol));
  putAddress(writer, 80, source);
}

/** Writes an address where one of the other family may have been. */
export function putAddress(writer: MessageWriter, at: number, { address }: Host): void {
  writer.bytes(at, NO_ADDRESS);
  writer.bytes(at, address);
}

/** Fields of struct xfrm_usersa_id. */
export function putSaId(writer: MessageWriter, { destination, spi, protocol }: KernelSaId, mark: KernelMark | undefined): void {
  writer.bytes(0, destination.address);
  writer.be32(16, spi);
  writer.u16(20, familyNumber(destination.family));
  writer.u8(22, kernelProtocol(protocol));
  if (mark) putMark(writer, mark);
}

export function putMark(writer: MessageWriter, { value, mask }: KernelMark): void {
  writer.attribute(XfrmAttribute.MARK, 8);
  writer.u32(0, value);
  writer.u32(4, mask);
  writer.end();
}

export function putEncap(writer: MessageWriter, sourcePort: number, destinationPort: number): void {
  writer.attribute(XfrmAttribute.ENCAP, ENCAP_BYTES);
  writer.u16(0, UDP_ENCAP_ESPINUDP);
  writer.be16(2, sourcePort);
  writer.be16(4, destinationPort);
  writer.end();
}

/** Struct xfrm_lifetime_cfg at `at`; counts without a limit are all ones, times are 0. */
export function putLifetime(writer: MessageWriter, at: number, lifetime: KernelLifetime | undefined): void {
  const count = (limit: number | undefined): number => limit || Infinity;
  writer.u64(at, count(lifetime?.rekeyBytes));
  writer.u64(at + 8, count(lifetime?.lifeBytes));
  writer.u64(at + 16, count(lifetime?.rekeyPackets));
  writer.u64(at + 24, count(lifetime?.lifePackets));
  writer.u64(at + 32, lifetime?.rekeySeconds ?? 0);
  writer.u64(at + 40, lifetime?.lifeSeconds ?? 0);
}

/**
 * What an SA itself takes: in transport and BEET mode the traffic of its only pair of selectors, else anything of either family, as the policies
 * choose.
 */
function saSelector({ mode, inbound, localTs, remoteTs }: KernelSa, { protoPortTransport }: SaStyle): Selector | undefined {
  const isOfHosts = mode === "transport" || mode === "beet";
  if (!isOfHosts || localTs.length !== 1 || remoteTs.length !== 1) return undefined;
  const [from, to] = inbound ? [remoteTs[0]!, localTs[0]!] : [localTs[0]!, remoteTs[0]!];
  const selector = selectorOf(from, to);
  if (protoPortTransport) return selector;
  const anyPort = { port: 0, portMask: 0 };
  return {
    ...selector,
    protocol: 0,
    source: { ...selector.source, ...anyPort },
    destination: { ...selector.destination, ...anyPort },
  };
}

function flagsOf({ inbound, esn, icmp, copyDscp, copyEcn, copyDf }: KernelSa, mode: IpsecMode): number {
  let flags = 0;
  // Inner packets of the other family are all right; the selectors of the policies say which.
  if (mode === "tunnel") flags |= STATE_AF_UNSPEC;
  if (mode === "tunnel" && inbound && (copyDscp === "in" || copyDscp === "yes")) flags |= STATE_DECAP_DSCP;
  if (copyEcn === false) flags |= STATE_NOECN;
  if (copyDf === false) flags |= STATE_NOPMTUDISC;
  if (icmp && inbound) flags |= STATE_ICMP;
  if (esn) flags |= STATE_ESN;
  return flags;
}

function putAlgorithms(writer: MessageWriter, sa: KernelSa): void {
  const { encryption, encryptionKey, integrity, integrityKey } = sa;
  if (encryption !== 0) {
    const cipher = kernelCipher(encryption);
    if (!cipher) throw unknownAlgorithm("encryption", encryption);
    const { name, icvBits } = cipher;
    if (icvBits === undefined) putAlgorithm(writer, XfrmAttribute.ALG_CRYPT, name, encryptionKey);
    else putAlgorithm(writer, XfrmAttribute.ALG_AEAD, name, encryptionKey, icvBits);
  }
  if (integrity !== 0) {
    const found = kernelIntegrity(integrity);
    if (!found) throw unknownAlgorithm("integrity", integrity);
    putAlgorithm(writer, XfrmAttribute.ALG_AUTH_TRUNC, found.name, integrityKey, found.truncatedBits);
  }
}

/** Struct xfrm_algo, or with a length of the check value xfrm_algo_auth or xfrm_algo_aead. */
function putAlgorithm(writer: MessageWriter, type: number, name: string, key: Uint8Array, checkBits?: number): void {
  const head = ALGORITHM_NAME_BYTES + (checkBits === undefined ? 4 : 8);
  writer.attribute(type, head + key.length);
  for (let i = 0; i < name.length; i++) writer.u8(i, name.charCodeAt(i));
  writer.u32(ALGORITHM_NAME_BYTES, key.length * 8);
  if (checkBits !== undefined) writer.u32(ALGORITHM_NAME_BYTES + 4, checkBits);
  writer.bytes(head, key);
  writer.end();
}

/** Struct xfrm_replay_state_esn with an empty bitmap. The kernel refuses a window of 0 here. */
function putReplayWindow(writer: MessageWriter, window: number): void {
  const words = Math.max(1, Math.ceil(window / 32));
  writer.attribute(XfrmAttribute.REPLAY_ESN_VAL, REPLAY_ESN_BYTES + words * 4);
  writer.u32(0, words);
  writer.u32(20, Math.max(1, window));
  writer.end();
}

function unknownAlgorithm(kind: string, id: number): CygnetError {
  return new CygnetError("CYG_KERNEL_ALGORITHM", `the kernel has no name for ${kind} algorithm ${id}`);
}
