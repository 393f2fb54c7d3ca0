import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { TransformType, transformTypeName } from "@cygnet/wire";
import { ProposalBuilder } from "./proposal.js";
import type { Proposal } from "./proposal.js";
import { proposalsToString } from "./proposal-text.js";
import { isAdditionalKe, isPrivateTransform, TRANSFORM_ORDER, transformId } from "./transform.js";
import type { PackedTransform } from "./transform.js";
import type { ProposalOffer } from "./wire-proposals.js";

/** How a proposal is chosen. */
export interface SelectOptions {
  /** `charon.prefer_configured_proposals`: whether our order decides, or the peer's. */
  readonly preferConfigured: boolean;
  /** Whether transforms for private use count: `charon.accept_private_algs`, or the peer is the same implementation. */
  readonly allowPrivate: boolean;
  /**
   * Leave key exchanges out of the comparison and the result: for the CHILD_SA of IKE_AUTH, which has none (RFC 7296 section
   * 1.2).
   */
  readonly ignoreKe?: boolean | undefined;
  /** Only this method is acceptable, 0 for no key exchange: on a response, the one that we sent a KE payload for. */
  readonly requiredKe?: number | undefined;
  /**
   * Whether additional key exchanges (RFC 9370) may be agreed. Off: a proposal that insists on one is refused, one that also
   * allows none is agreed without.
   */
  readonly allowAdditionalKe?: boolean;
  /** Gets strongSwan's lines in group CFG: the choice or the reason at level 1, the comparison at level 2. */
  readonly logger?: Logger | undefined;
}

/** The outcome: one transform per type, with the number and SPI of the peer's proposal. */
export interface ProposalSelection extends ProposalOffer {
  /** Which of the peer's proposals this came from. */
  readonly offer: ProposalOffer;
}

/** Recent comparisons: the same two proposals meet again for every SA of a configuration. */
const MEMO = 64;

interface Comparison {
  readonly ours: Proposal;
  readonly theirs: Proposal;
  /** The options that matter, as one number. */
  readonly mode: number;
  readonly result: Proposal | undefined;
}

const builder = new ProposalBuilder();
const memo = new Array<Comparison | undefined>(MEMO).fill(undefined);
/** Whether the comparison in progress wrote something to the log at level 1; such a one must be written again next time. */
let isLogged = false;

/**
 * Chooses one of the peer's proposals, RFC 7296 sections 2.7 and 3.3, with strongSwan's preferences: the first pair that fits,
 * walking through the preferred side's proposals and for each through the other's; of each type, the preferred side's first
 * transform that the other side has too.
 *
 * A type that only one side has is no obstacle when its transform 0 is among those offered: no key exchange, no integrity, no
 * extended sequence numbers. Chosen "none"s are left out of the result.
 *
 * @param received from `offersFromWire`
 * @returns undefined when nothing fits: NO_PROPOSAL_CHOSEN
 */
export function selectProposal(
  configured: readonly Proposal[],
  received: readonly ProposalOffer[],
  options: SelectOptions,
): ProposalSelection | undefined {
  const { preferConfigured, logger } = options;
  const outer = preferConfigured ? configured.length : received.length;
  const inner = preferConfigured ? received.length : configured.length;
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < inner; j++) {
      const ours = configured[preferConfigured ? i : j];
      const offer = received[preferConfigured ? j : i];
      const proposal = compare(ours, offer.proposal, options);
      if (proposal === undefined) continue;
      logLists(2, configured, received, logger);
      if (logger?.enabled(LogGroup.CFG, 1)) logger.log(LogGroup.CFG, 1, `selected proposal: ${proposal.toString()}`);
      return { proposal, number: offer.number, spi: offer.spi, offer };
    }
  }
  logLists(1, configured, received, logger);
  return undefined;
}

/** One transform per type that both have, or undefined. */
function compare(ours: Proposal, theirs: Proposal, options: SelectOptions): Proposal | undefined {
  if (options.logger?.enabled(LogGroup.CFG, 2)) return match(ours, theirs, options);
  const mode = modeOf(options);
  const slot = (Math.imul(ours.serial, 31) + theirs.serial + mode) & (MEMO - 1);
  const known = memo[slot];
  if (known !== undefined && known.ours === ours && known.theirs === theirs && known.mode === mode) return known.result;
  isLogged = false;
  const result = match(ours, theirs, options);
  if (!isLogged) memo[slot] = { ours, theirs, mode, result };
  return result;
}

function modeOf({ preferConfigured, allowPrivate, ignoreKe, allowAdditionalKe, requiredKe }: SelectOptions): number {
  const flags = (preferConfigured ? 1 : 0) | (allowPrivate ? 2 : 0) | (ignoreKe ? 4 : 0) | (allowAdditionalKe ? 8 : 0);
  return flags + 16 * ((requiredKe ?? -1) + 1);
}

function match(ours: Proposal, theirs: Proposal, options: SelectOptions): Proposal | undefined {
  const { logger } = options;
  const verbose = logger !== undefined && logger.enabled(LogGroup.CFG, 2);
  if (verbose) logger.log(LogGroup.CFG, 2, "selecting proposal:");
  if (ours.protocol !== theirs.protocol) {
    if (verbose) logger.log(LogGroup.CFG, 2, "  protocol mismatch, skipping");
    return undefined;
  }
  const preferred = options.preferConfigured ? ours : theirs;
  const other = options.preferConfigured ? theirs : ours;
  builder.reset(ours.protocol);
  for (let i = 0; i < TRANSFORM_ORDER.length; i++) {
    const type = TRANSFORM_ORDER[i];
    if (options.ignoreKe === true && (type === TransformType.KEY_EXCHANGE_METHOD || isAdditionalKe(type))) continue;
    const chosen = choose(type, preferred.transforms(type), other.transforms(type), options);
    if (chosen === REFUSED) {
      if (verbose) logger.log(LogGroup.CFG, 2, `  no acceptable ${transformTypeName(type)} found`);
      return undefined;
    }
    if (chosen !== ABSENT) builder.add(type, chosen);
  }
  if (verbose) logger.log(LogGroup.CFG, 2, "  proposal matches");
  return builder.build();
}

/** No transform of the type, and that is fine. */
const ABSENT = -1;
const REFUSED = -2;

function choose(
  type: TransformType,
  preferred: readonly PackedTransform[],
  other: readonly PackedTransform[],
  options: SelectOptions,
): PackedTransform {
  const isKe = type === TransformType.KEY_EXCHANGE_METHOD;
  const required = isKe ? options.requiredKe : undefined;
  const noneOnly = isAdditionalKe(type) && options.allowAdditionalKe !== true;
  if (preferred.length === 0 || other.length === 0) {
    if (required !== undefined && required !== 0) return REFUSED;
    if (preferred.length === 0 && other.length === 0) return ABSENT;
    return allowsNone(type) && (preferred.includes(0) || other.includes(0)) ? ABSENT : REFUSED;
  }
  for (let i = 0; i < preferred.length; i++) {
    const transform = preferred[i];
    if (!other.includes(transform)) continue;
    if (noneOnly && transform !== 0) continue;
    if (required !== undefined && transform !== required) continue;
    if (!options.allowPrivate && isPrivateTransform(transform)) {
      logPrivate(options.logger);
      continue;
    }
    // Sequence numbers stay in the result: "not extended" is a choice that is sent, unlike "none".
    return transformId(transform) === 0 && type !== TransformType.EXTENDED_SEQUENCE_NUMBERS ? ABSENT : transform;
  }
  return REFUSED;
}

/** Whether a type without transforms means the same as its transform 0. Encryption and PRFs have no such number. */
function allowsNone(type: TransformType): boolean {
  return type !== TransformType.ENCRYPTION_ALGORITHM && type !== TransformType.PSEUDO_RANDOM_FUNCTION;
}

function logPrivate(logger: Logger | undefined): void {
  isLogged = true;
  if (!logger?.enabled(LogGroup.CFG, 1)) return;
  logger.log(LogGroup.CFG, 1, "an algorithm from private space would match, but peer implementation is unknown, skipped");
}

function logLists(
  level: number,
  configured: readonly Proposal[],
  received: readonly ProposalOffer[],
  logger: Logger | undefined,
): void {
  if (!logger?.enabled(LogGroup.CFG, level)) return;
  logger.log(LogGroup.CFG, level, `received proposals: ${proposalsToString(received.map(({ proposal }) => proposal))}`);
  logger.log(LogGroup.CFG, level, `configured proposals: ${proposalsToString(configured)}`);
}
