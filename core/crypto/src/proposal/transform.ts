import { EncryptionAlgorithm, TransformType } from "@cygnet/wire";

/**
 * A transform as one number, `keyBits * 65536 + id`, so that lists of them are small arrays that compare and search fast.
 *
 * `id` 0 to 65535; `keyBits` 0 to 65535, 0 for no Key Length attribute.
 */
export type PackedTransform = number;

const ID_SPAN = 0x10000;
/** From here up numbers are for private use in every transform type that cygnet negotiates. */
const PRIVATE_USE = 1024;

export const packTransform = (id: number, keyBits = 0): PackedTransform => keyBits * ID_SPAN + id;
export const transformId = (transform: PackedTransform): number => transform % ID_SPAN;
export const transformKeyBits = (transform: PackedTransform): number => Math.floor(transform / ID_SPAN);

/**
 * Whether the number of a transform is from the private use range, so that it means something only between equal implementations.
 */
export const isPrivateTransform = (transform: PackedTransform): boolean => transformId(transform) >= PRIVATE_USE;

/** Highest transform type that a proposal can hold: the seventh additional key exchange, RFC 9370. */
export const MAX_TRANSFORM_TYPE = TransformType.ADDITIONAL_KEY_EXCHANGE_7;

/** The order in which strongSwan prints and sends transform types. */
export const TRANSFORM_ORDER: readonly TransformType[] = [
  TransformType.ENCRYPTION_ALGORITHM,
  TransformType.INTEGRITY_ALGORITHM,
  TransformType.PSEUDO_RANDOM_FUNCTION,
  TransformType.KEY_EXCHANGE_METHOD,
  TransformType.EXTENDED_SEQUENCE_NUMBERS,
  TransformType.ADDITIONAL_KEY_EXCHANGE_1,
  TransformType.ADDITIONAL_KEY_EXCHANGE_2,
  TransformType.ADDITIONAL_KEY_EXCHANGE_3,
  TransformType.ADDITIONAL_KEY_EXCHANGE_4,
  TransformType.ADDITIONAL_KEY_EXCHANGE_5,
  TransformType.ADDITIONAL_KEY_EXCHANGE_6,
  TransformType.ADDITIONAL_KEY_EXCHANGE_7,
];

export const isAdditionalKe = (type: number): boolean =>
  type >= TransformType.ADDITIONAL_KEY_EXCHANGE_1 && type <= TransformType.ADDITIONAL_KEY_EXCHANGE_7;

/**
 * Whether an encryption algorithm authenticates too, so that a proposal needs no integrity algorithm (RFC 7296 section 3.3.3).
 */
export function isAeadEncryption(id: number): boolean {
  switch (id) {
    case EncryptionAlgorithm.ENCR_AES_CCM_ICV8:
    case EncryptionAlgorithm.ENCR_AES_CCM_ICV12:
    case EncryptionAlgorithm.ENCR_AES_CCM_ICV16:
    case EncryptionAlgorithm.ENCR_AES_GCM_ICV8:
    case EncryptionAlgorithm.ENCR_AES_GCM_ICV12:
    case EncryptionAlgorithm.ENCR_AES_GCM_ICV16:
    case EncryptionAlgorithm.ENCR_NULL_AUTH_AES_GMAC:
    case EncryptionAlgorithm.ENCR_CAMELLIA_CCM_ICV8:
    case EncryptionAlgorithm.ENCR_CAMELLIA_CCM_ICV12:
    case EncryptionAlgorithm.ENCR_CAMELLIA_CCM_ICV16:
    case EncryptionAlgorithm.ENCR_CHACHA20_POLY1305:
      return true;
    default:
      return false;
  }
}
