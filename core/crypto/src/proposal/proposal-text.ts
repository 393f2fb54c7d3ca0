import { encryptionName, integrityName, keyExchangeName, prfName } from "@cygnet/plugin-api";
import { esnName, protocolIdName, TransformType } from "@cygnet/wire";
import type { Proposal } from "./proposal.js";
import { TRANSFORM_ORDER, transformId, transformKeyBits } from "./transform.js";
import type { PackedTransform } from "./transform.js";

/** One transform as it stands in a proposal's text: `AES_CBC_128`, `PRF_HMAC_SHA1`, `KE1_ML_KEM_768`. */
export function transformToString(type: number, transform: PackedTransform): string {
  const id = transformId(transform);
  const bits = transformKeyBits(transform);
  const size = bits === 0 ? "" : `_${bits}`;
  switch (type) {
    case TransformType.ENCRYPTION_ALGORITHM:
      return encryptionName(id) + size;
    case TransformType.INTEGRITY_ALGORITHM:
      return integrityName(id) + size;
    case TransformType.PSEUDO_RANDOM_FUNCTION:
      return prfName(id) + size;
    case TransformType.KEY_EXCHANGE_METHOD:
      return keyExchangeName(id) + size;
    case TransformType.EXTENDED_SEQUENCE_NUMBERS:
      return esnName(id) + size;
    default:
      return `KE${type - TransformType.ADDITIONAL_KEY_EXCHANGE_1 + 1}_${keyExchangeName(id)}${size}`;
  }
}

/** Without the protocol, as status output has it: `AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768`. */
export function proposalAlgorithms(proposal: Proposal): string {
  const parts: string[] = [];
  for (const type of TRANSFORM_ORDER) {
    for (const transform of proposal.transforms(type)) parts.push(transformToString(type, transform));
  }
  return parts.join("/");
}

/** strongSwan's `%P`: `IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768`. Cached by `Proposal.toString`. */
export function proposalToString(proposal: Proposal): string {
  return `${protocolIdName(proposal.protocol)}:${proposalAlgorithms(proposal)}`;
}

/** strongSwan's `%#P`, several proposals: joined by `, `. */
export function proposalsToString(proposals: readonly Proposal[]): string {
  return proposals.map((proposal) => proposal.toString()).join(", ");
}
