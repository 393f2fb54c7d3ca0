import {
  EncryptionAlgorithm,
  Esn,
  IntegrityAlgorithm,
  KeyExchangeMethod,
  ProtocolId,
  PseudoRandomFunction,
  TransformType,
} from "@cygnet/wire";
import type { Proposal } from "./proposal.js";
import { ProposalBuilder } from "./proposal.js";
import { packTransform } from "./transform.js";
import type { PackedTransform } from "./transform.js";

/** An algorithm that some plugin provides. `keyBytes` is 0 where the size is not part of its identity. */
export interface SupportedAlgorithm {
  readonly id: number;
  readonly keyBytes: number;
}

/** What the loaded plugins provide, each list in the order of registration without duplicates. */
export interface SupportedAlgorithms {
  readonly crypters: readonly SupportedAlgorithm[];
  readonly aeads: readonly SupportedAlgorithm[];
  readonly signers: readonly SupportedAlgorithm[];
  readonly prfs: readonly SupportedAlgorithm[];
  readonly keyExchanges: readonly SupportedAlgorithm[];
}

/** Algorithms in one proposal are ranked by these groups first; inside a group, the order of the plugins counts. */
type Ranks = readonly (readonly number[])[];

const E = EncryptionAlgorithm;
const I = IntegrityAlgorithm;
const P = PseudoRandomFunction;
const K = KeyExchangeMethod;

const CLASSIC_CIPHERS: Ranks = [[E.ENCR_AES_CBC, E.ENCR_CAMELLIA_CBC, E.ENCR_AES_CTR, E.ENCR_CAMELLIA_CTR], [E.ENCR_3DES]];
const AEAD_CIPHERS: Ranks = [
  [E.ENCR_AES_CCM_ICV16, E.ENCR_CAMELLIA_CCM_ICV16, E.ENCR_AES_GCM_ICV16, E.ENCR_CHACHA20_POLY1305],
  [
    E.ENCR_AES_CCM_ICV8,
    E.ENCR_AES_CCM_ICV12,
    E.ENCR_CAMELLIA_CCM_ICV8,
    E.ENCR_CAMELLIA_CCM_ICV12,
    E.ENCR_AES_GCM_ICV8,
    E.ENCR_AES_GCM_ICV12,
  ],
];
const INTEGRITY: Ranks = [
  [I.AUTH_HMAC_SHA2_256_128, I.AUTH_HMAC_SHA2_384_192, I.AUTH_HMAC_SHA2_512_256],
  [I.AUTH_HMAC_SHA1_96, I.AUTH_AES_XCBC_96, I.AUTH_AES_CMAC_96],
];
const PRFS: Ranks = [
  [P.PRF_HMAC_SHA2_256, P.PRF_HMAC_SHA2_384, P.PRF_HMAC_SHA2_512, P.PRF_AES128_XCBC, P.PRF_AES128_CMAC],
  [P.PRF_HMAC_SHA1],
];
/** Curves, then MODP groups of at least 128 bits of strength, then the weakest one that is still fine. */
const KEY_EXCHANGES: Ranks = [
  [K.CURVE_25519, K.ECP_256_BIT, K.ECP_384_BIT, K.ECP_521_BIT, K.ECP_256_BP, K.ECP_384_BP, K.ECP_512_BP, K.CURVE_448],
  [K.MODP_3072_BIT, K.MODP_4096_BIT, K.MODP_6144_BIT, K.MODP_8192_BIT],
  [K.MODP_2048_BIT],
];

/** The kernel encrypts CHILD_SAs, so these do not depend on the plugins. */
const ESP_CLASSIC: readonly PackedTransform[] = [128, 192, 256].map((bits) => packTransform(E.ENCR_AES_CBC, bits));
const ESP_AEAD: readonly PackedTransform[] = [128, 192, 256].map((bits) => packTransform(E.ENCR_AES_GCM_ICV16, bits));
const CHILD_INTEGRITY: readonly PackedTransform[] = [
  I.AUTH_HMAC_SHA2_256_128,
  I.AUTH_HMAC_SHA2_384_192,
  I.AUTH_HMAC_SHA2_512_256,
  I.AUTH_HMAC_SHA1_96,
  I.AUTH_AES_XCBC_96,
].map((id) => packTransform(id));

/** Ciphers whose key size the number implies, so that no Key Length attribute is sent. */
const FIXED_SIZE: ReadonlySet<number> = new Set([E.ENCR_3DES, E.ENCR_CHACHA20_POLY1305]);

const builder = new ProposalBuilder();

/**
 * The built-in proposals, which the word `default` stands for: the classic one, then the one with combined-mode ciphers.
 *
 * For IKE both are made of what the plugins provide, and one that lacks a mandatory kind is left out. AH has the classic one
 * only.
 *
 * @param aeadFirst vici's order for ESP; stroke and IKE have the classic one first
 */
export function defaultProposals(protocol: ProtocolId, supported: SupportedAlgorithms, aeadFirst = false): Proposal[] {
  const classic = protocol === ProtocolId.IKE ? ikeProposal(supported, false) : childProposal(protocol, supported, false);
  const aead =
    protocol === ProtocolId.IKE
      ? ikeProposal(supported, true)
      : protocol === ProtocolId.ESP
        ? childProposal(protocol, supported, true)
        : undefined;
  const both = aeadFirst ? [aead, classic] : [classic, aead];
  return both.filter((proposal) => proposal !== undefined);
}

function ikeProposal(supported: SupportedAlgorithms, aead: boolean): Proposal | undefined {
  builder.reset(ProtocolId.IKE);
  const ciphers = aead ? addRanked(TransformType.ENCRYPTION_ALGORITHM, AEAD_CIPHERS, supported.aeads) : addClassic(supported);
  const prfs = addRanked(TransformType.PSEUDO_RANDOM_FUNCTION, PRFS, supported.prfs);
  const methods = addRanked(TransformType.KEY_EXCHANGE_METHOD, KEY_EXCHANGES, supported.keyExchanges);
  return ciphers > 0 && prfs > 0 && methods > 0 ? builder.build() : undefined;
}

/** @returns how many ciphers were added; none without an integrity algorithm to go with them */
function addClassic(supported: SupportedAlgorithms): number {
  const ciphers = addRanked(TransformType.ENCRYPTION_ALGORITHM, CLASSIC_CIPHERS, supported.crypters);
  return addRanked(TransformType.INTEGRITY_ALGORITHM, INTEGRITY, supported.signers) === 0 ? 0 : ciphers;
}

function childProposal(protocol: ProtocolId, supported: SupportedAlgorithms, aead: boolean): Proposal {
  builder.reset(protocol);
  if (protocol === ProtocolId.ESP) {
    for (const cipher of aead ? ESP_AEAD : ESP_CLASSIC) builder.add(TransformType.ENCRYPTION_ALGORITHM, cipher);
  }
  if (!aead) for (const integrity of CHILD_INTEGRITY) builder.add(TransformType.INTEGRITY_ALGORITHM, integrity);
  if (addRanked(TransformType.KEY_EXCHANGE_METHOD, KEY_EXCHANGES, supported.keyExchanges) > 0) {
    builder.add(TransformType.KEY_EXCHANGE_METHOD, packTransform(K.NONE));
  }
  return builder.add(TransformType.EXTENDED_SEQUENCE_NUMBERS, packTransform(Esn.NO_EXT_SEQ)).build();
}

function addRanked(type: TransformType, ranks: Ranks, supported: readonly SupportedAlgorithm[]): number {
  const list = builder.list(type);
  const isCipher = type === TransformType.ENCRYPTION_ALGORITHM;
  for (const rank of ranks) {
    // All key sizes of an algorithm stand together, at the place of the first one.
    const ids = new Set(supported.map(({ id }) => id).filter((id) => rank.includes(id)));
    for (const id of ids) {
      for (const algorithm of supported) {
        if (algorithm.id !== id) continue;
        const keyBits = isCipher && !FIXED_SIZE.has(id) ? algorithm.keyBytes * 8 : 0;
        list.push(packTransform(id, keyBits));
      }
    }
  }
  return list.length;
}
