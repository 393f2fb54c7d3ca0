import { TransformType } from "@cygnet/wire";
import type { ProtocolId, SaPayload, Transform, Proposal as WireProposal } from "@cygnet/wire";
import { ProposalBuilder } from "./proposal.js";
import type { Proposal } from "./proposal.js";
import { MAX_TRANSFORM_TYPE, packTransform, TRANSFORM_ORDER, transformId, transformKeyBits } from "./transform.js";

/** A proposal as it stands in one SA payload. */
export interface ProposalOffer {
  readonly proposal: Proposal;
  /** Proposal number, 1 to 255; an answer repeats the number of the one it accepts. */
  readonly number: number;
  /** SPI of the sender, empty in IKE_SA_INIT. Of a received offer, a view into the datagram: copy what must outlive it. */
  readonly spi: Uint8Array;
}

/** Recently decoded lists of transforms. Peers of one configuration send the same few, so most SA payloads need no work. */
const DECODED = 64;

interface Decoded {
  readonly protocol: ProtocolId;
  readonly transforms: readonly Transform[];
  readonly proposal: Proposal;
}

const builder = new ProposalBuilder();
const decoded = new Array<Decoded | undefined>(DECODED).fill(undefined);
const encoded = new WeakMap<Proposal, readonly Transform[]>();

/**
 * The proposals of a received SA payload that are for `protocol` and could be chosen.
 *
 * Left out, as RFC 7296 sections 3.3.1 and 3.3.6 ask: proposals for other protocols, those with a transform type that we do not
 * know, and transforms with an attribute that we do not know; where that leaves nothing of a type, the proposal.
 */
export function offersFromWire(payload: SaPayload, protocol: ProtocolId): ProposalOffer[] {
  const offers: ProposalOffer[] = [];
  const { proposals } = payload;
  for (let i = 0; i < proposals.length; i++) {
    const { number, spi, transforms } = proposals[i];
    if (proposals[i].protocol !== protocol) continue;
    const proposal = decode(protocol, transforms);
    if (proposal !== undefined) offers.push({ proposal, number, spi });
  }
  return offers;
}

/** A proposal for a SA payload. `spi` is not copied; it may be empty for IKE_SA_INIT. */
export function offerToWire({ proposal, number, spi }: ProposalOffer): WireProposal {
  return { number, protocol: proposal.protocol, spi, transforms: toTransforms(proposal) };
}

/** Our proposals for a SA payload, numbered from 1, all with the same SPI. At most 255 are sent, which is what numbers allow. */
export function proposalsToWire(proposals: readonly Proposal[], spi: Uint8Array): WireProposal[] {
  return proposals.slice(0, 255).map((proposal, i) => offerToWire({ proposal, number: i + 1, spi }));
}

/** Whether no type has more than one transform, which an answer must satisfy (RFC 7296 section 2.7). */
export function isSingleChoice(proposal: Proposal): boolean {
  for (let type = 1; type <= MAX_TRANSFORM_TYPE; type++) if (proposal.transforms(type).length > 1) return false;
  return true;
}

function decode(protocol: ProtocolId, transforms: readonly Transform[]): Proposal | undefined {
  let hash: number = protocol;
  let isPlain = true;
  for (let i = 0; i < transforms.length; i++) {
    const { type, id, keyBits, attributes } = transforms[i];
    hash = (Math.imul(hash, 31) + type * 65 + id * 7 + (keyBits ?? 0)) | 0;
    if (attributes !== undefined) isPlain = false;
  }
  const slot = (hash ^ (hash >>> 6) ^ (hash >>> 13)) & (DECODED - 1);
  const known = decoded[slot];
  if (isPlain && known !== undefined && known.protocol === protocol && equalTransforms(known.transforms, transforms)) {
    return known.proposal;
  }
  const proposal = fromTransforms(protocol, transforms);
  // Transforms with attributes hold views into the datagram, which must not be kept.
  if (isPlain && proposal !== undefined) decoded[slot] = { protocol, transforms, proposal };
  return proposal;
}

function equalTransforms(a: readonly Transform[], b: readonly Transform[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i].type !== b[i].type || a[i].id !== b[i].id || a[i].keyBits !== b[i].keyBits) return false;
  }
  return true;
}

function fromTransforms(protocol: ProtocolId, transforms: readonly Transform[]): Proposal | undefined {
  builder.reset(protocol);
  let refused = 0;
  for (const { type, id, keyBits, attributes } of transforms) {
    if (type < TransformType.ENCRYPTION_ALGORITHM || type > MAX_TRANSFORM_TYPE) return undefined;
    if (attributes === undefined || attributes.length === 0) builder.add(type, packTransform(id, keyBits ?? 0));
    else refused |= 1 << type;
  }
  for (let type = 1; type <= MAX_TRANSFORM_TYPE; type++) {
    if ((refused & (1 << type)) !== 0 && builder.list(type).length === 0) return undefined;
  }
  return builder.build();
}

function toTransforms(proposal: Proposal): readonly Transform[] {
  const known = encoded.get(proposal);
  if (known !== undefined) return known;
  const transforms: Transform[] = [];
  for (const type of TRANSFORM_ORDER) {
    for (const transform of proposal.transforms(type)) {
      const keyBits = transformKeyBits(transform);
      transforms.push({ type, id: transformId(transform), keyBits: keyBits === 0 ? undefined : keyBits });
    }
  }
  encoded.set(proposal, transforms);
  return transforms;
}
