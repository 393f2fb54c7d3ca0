import { encryptionName, integrityName, keyExchangeName, prfName } from "@cygnet/plugin-api";
import type { SelectedAlgorithms } from "@cygnet/plugin-api";
import { Esn, TransformType } from "@cygnet/wire";
import type { Proposal } from "./proposal.js";
import { TRANSFORM_ORDER, isAdditionalKe, transformId, transformKeyBits } from "./transform.js";

/** The preferred algorithm of each type, by name. Cached by `Proposal.selected`. */
export function selectedAlgorithms(proposal: Proposal): SelectedAlgorithms {
  const name = (type: TransformType, nameOf: (id: number) => string): string => {
    const transform = proposal.first(type);
    return transform === undefined ? "" : nameOf(transformId(transform));
  };
  const bits = (type: TransformType): number => transformKeyBits(proposal.first(type) ?? 0);
  const additional = TRANSFORM_ORDER.filter((type) => isAdditionalKe(type) && transformId(proposal.first(type) ?? 0) !== 0);
  return Object.freeze({
    encryption: name(TransformType.ENCRYPTION_ALGORITHM, encryptionName),
    encryptionKeyBits: bits(TransformType.ENCRYPTION_ALGORITHM),
    integrity: name(TransformType.INTEGRITY_ALGORITHM, integrityName),
    integrityKeyBits: bits(TransformType.INTEGRITY_ALGORITHM),
    prf: name(TransformType.PSEUDO_RANDOM_FUNCTION, prfName),
    keyExchange: proposal.firstKe === undefined ? "" : keyExchangeName(proposal.firstKe),
    additionalKeyExchanges: additional.map((type) => name(type, keyExchangeName)),
    esn: transformId(proposal.first(TransformType.EXTENDED_SEQUENCE_NUMBERS) ?? 0) === Esn.EXT_SEQ,
  });
}
