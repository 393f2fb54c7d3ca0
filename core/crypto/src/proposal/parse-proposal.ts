import {
  EncryptionAlgorithm,
  Esn,
  IntegrityAlgorithm,
  ProtocolId,
  protocolIdName,
  PseudoRandomFunction,
  TransformType,
} from "@cygnet/wire";
import { ProposalBuilder } from "./proposal.js";
import type { Proposal } from "./proposal.js";
import { ProposalError } from "./proposal-error.js";
import type { ProposalErrorCode } from "./proposal-error.js";
import { defaultKeywords } from "./proposal-keywords.js";
import type { ProposalKeywords } from "./proposal-keywords.js";
import { packTransform, transformId, transformKeyBits } from "./transform.js";

/**
 * Which PRF an integrity keyword stands for in an IKE proposal without a PRF keyword. The 96 bit SHA-256 is for ESP only and has
 * none.
 */
const PRF_OF_INTEGRITY: ReadonlyMap<number, number> = new Map([
  [IntegrityAlgorithm.AUTH_HMAC_MD5_96, PseudoRandomFunction.PRF_HMAC_MD5],
  [IntegrityAlgorithm.AUTH_HMAC_MD5_128, PseudoRandomFunction.PRF_HMAC_MD5],
  [IntegrityAlgorithm.AUTH_HMAC_SHA1_96, PseudoRandomFunction.PRF_HMAC_SHA1],
  [IntegrityAlgorithm.AUTH_HMAC_SHA1_128, PseudoRandomFunction.PRF_HMAC_SHA1],
  [IntegrityAlgorithm.AUTH_HMAC_SHA1_160, PseudoRandomFunction.PRF_HMAC_SHA1],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128, PseudoRandomFunction.PRF_HMAC_SHA2_256],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_384_192, PseudoRandomFunction.PRF_HMAC_SHA2_384],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_512_256, PseudoRandomFunction.PRF_HMAC_SHA2_512],
  [IntegrityAlgorithm.AUTH_AES_XCBC_96, PseudoRandomFunction.PRF_AES128_XCBC],
  [IntegrityAlgorithm.AUTH_AES_CMAC_96, PseudoRandomFunction.PRF_AES128_CMAC],
  [IntegrityAlgorithm.AUTH_CAMELLIA_XCBC_96, PseudoRandomFunction.PRF_CAMELLIA128_XCBC],
]);

/** GMAC is written as an encryption keyword; AH has it as an integrity algorithm per key size (RFC 4543). */
const GMAC_OF_KEY_BITS: ReadonlyMap<number, number> = new Map([
  [128, IntegrityAlgorithm.AUTH_AES_128_GMAC],
  [192, IntegrityAlgorithm.AUTH_AES_192_GMAC],
  [256, IntegrityAlgorithm.AUTH_AES_256_GMAC],
]);

const builder = new ProposalBuilder();

/**
 * Reads one proposal string: keywords joined by `-`, such as `aes128-sha1-modp768`.
 *
 * Lower case only; blanks around words and empty words are skipped. The word `default` and comma lists are the caller's business.
 * The same string gives the same object, so calling this often is cheap.
 *
 * @param protocol IKE, ESP or AH; decides which types are needed and which are dropped
 * @param keywords the vocabulary, with what plugins added to it
 * @throws {ProposalError} CYG_PROPOSAL_*
 */
export function parseProposal(protocol: ProtocolId, text: string, keywords: ProposalKeywords = defaultKeywords): Proposal {
  const key = `${protocol}:${text}`;
  const known = keywords.cached(key);
  if (known !== undefined) return known;
  builder.reset(protocol);
  const ciphers = addWords(protocol, text, keywords);
  if (protocol === ProtocolId.IKE) completeIke(text);
  else completeChild(protocol);
  checkCiphers(protocol, text, ciphers);
  const proposal = builder.build();
  keywords.remember(key, proposal);
  return proposal;
}

interface CipherKinds {
  readonly aead: boolean;
  readonly classic: boolean;
}

function addWords(protocol: ProtocolId, text: string, keywords: ProposalKeywords): CipherKinds {
  let aead = false;
  let classic = false;
  let words = 0;
  for (const part of text.split("-")) {
    const word = part.replace(/^ +| +$/g, "");
    if (word === "") continue;
    const keyword = keywords.lookup(word);
    if (keyword === undefined) throw failure("CYG_PROPOSAL_KEYWORD", text, `algorithm '${word}' not recognized`);
    words++;
    const gmac = protocol === ProtocolId.AH ? gmacIntegrity(keyword.type, keyword.transform) : undefined;
    if (gmac !== undefined) {
      builder.add(TransformType.INTEGRITY_ALGORITHM, packTransform(gmac));
      continue;
    }
    builder.add(keyword.type, keyword.transform);
    if (keyword.type !== TransformType.ENCRYPTION_ALGORITHM) continue;
    if (keyword.isAead) aead = true;
    else classic = true;
  }
  if (words === 0) throw failure("CYG_PROPOSAL_EMPTY", text, "a proposal needs at least one algorithm");
  return { aead, classic };
}

function completeIke(text: string): void {
  const prfs = builder.list(TransformType.PSEUDO_RANDOM_FUNCTION);
  if (prfs.length === 0) {
    for (const integrity of builder.list(TransformType.INTEGRITY_ALGORITHM)) {
      const prf = PRF_OF_INTEGRITY.get(transformId(integrity));
      if (prf !== undefined) prfs.push(packTransform(prf));
    }
  }
  if (prfs.length === 0) throw failure("CYG_PROPOSAL_NO_PRF", text, "a PRF algorithm is mandatory in IKE proposals");
  const methods = builder.list(TransformType.KEY_EXCHANGE_METHOD);
  for (let i = methods.length - 1; i >= 0; i--) if (methods[i] === 0) methods.splice(i, 1);
  if (methods.length === 0) throw failure("CYG_PROPOSAL_NO_KE", text, "a DH group is mandatory in IKE proposals");
}

function completeChild(protocol: ProtocolId): void {
  builder.list(TransformType.PSEUDO_RANDOM_FUNCTION).length = 0;
  if (protocol === ProtocolId.AH) builder.list(TransformType.ENCRYPTION_ALGORITHM).length = 0;
  const esn = builder.list(TransformType.EXTENDED_SEQUENCE_NUMBERS);
  if (esn.length === 0) esn.push(packTransform(Esn.NO_EXT_SEQ));
}

function checkCiphers(protocol: ProtocolId, text: string, { aead, classic }: CipherKinds): void {
  const integrity = builder.list(TransformType.INTEGRITY_ALGORITHM);
  const name = protocolIdName(protocol);
  if (protocol === ProtocolId.AH) {
    if (integrity.length === 0) {
      throw failure("CYG_PROPOSAL_NO_INTEG", text, "an integrity algorithm is mandatory in AH proposals");
    }
    return;
  }
  if (!aead && !classic) throw failure("CYG_PROPOSAL_NO_ENCR", text, `an encryption algorithm is mandatory in ${name} proposals`);
  if (aead && classic) {
    const message = `classic and combined-mode (AEAD) encryption algorithms can't be contained in the same ${name} proposal`;
    throw failure("CYG_PROPOSAL_MIXED_AEAD", text, message);
  }
  if (aead) integrity.length = 0;
  else if (protocol === ProtocolId.IKE && integrity.length === 0) {
    const message = "an integrity algorithm is mandatory in IKE proposals with classic (non-AEAD) encryption algorithms";
    throw failure("CYG_PROPOSAL_NO_INTEG", text, message);
  }
}

function gmacIntegrity(type: number, transform: number): number | undefined {
  const isGmac =
    type === TransformType.ENCRYPTION_ALGORITHM && transformId(transform) === EncryptionAlgorithm.ENCR_NULL_AUTH_AES_GMAC;
  return isGmac ? GMAC_OF_KEY_BITS.get(transformKeyBits(transform)) : undefined;
}

function failure(code: ProposalErrorCode, text: string, message: string): ProposalError {
  return new ProposalError(code, text, message);
}
