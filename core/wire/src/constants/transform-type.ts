import { nameOf } from "./names.js";

/**
 * Transform types, RFC 7296 section 3.3.2 and RFC 9370; 256 up are strongSwan's numbers for kinds of algorithm that are never
 * negotiated.
 */
export enum TransformType {
  ENCRYPTION_ALGORITHM = 1,
  PSEUDO_RANDOM_FUNCTION = 2,
  INTEGRITY_ALGORITHM = 3,
  KEY_EXCHANGE_METHOD = 4,
  EXTENDED_SEQUENCE_NUMBERS = 5,
  ADDITIONAL_KEY_EXCHANGE_1 = 6,
  ADDITIONAL_KEY_EXCHANGE_2 = 7,
  ADDITIONAL_KEY_EXCHANGE_3 = 8,
  ADDITIONAL_KEY_EXCHANGE_4 = 9,
  ADDITIONAL_KEY_EXCHANGE_5 = 10,
  ADDITIONAL_KEY_EXCHANGE_6 = 11,
  ADDITIONAL_KEY_EXCHANGE_7 = 12,
  HASH_ALGORITHM = 256,
  RANDOM_NUMBER_GENERATOR = 257,
  AEAD_ALGORITHM = 258,
  COMPRESSION_ALGORITHM = 259,
  EXTENDED_OUTPUT_FUNCTION = 260,
  DETERMINISTIC_RANDOM_BIT_GENERATOR = 261,
  KEY_DERIVATION_FUNCTION = 262,
}

/** Name of a transform type, such as `KEY_EXCHANGE_METHOD`; `(99)` for an unknown one. */
export function transformTypeName(value: number): string {
  return nameOf(TransformType, value);
}

/** Transform attribute types, RFC 7296 section 3.3.5. */
export enum TransformAttributeType {
  KEY_LENGTH = 14,
}
