import { NativeAead, NativeCrypter, NullCrypter } from "@cygnet/native";
import { provideAead, provideCrypter } from "@cygnet/plugin-api";
import type { Feature } from "@cygnet/plugin-api";
import { EncryptionAlgorithm as Encryption } from "@cygnet/wire";

const KEY_SIZES = [128, 192, 256] as const;
const AES_MODES = [
  [Encryption.ENCR_AES_CBC, "CBC"],
  [Encryption.ENCR_AES_CTR, "CTR"],
  [Encryption.ENCR_AES_ECB, "ECB"],
  [Encryption.ENCR_AES_CFB, "CFB"],
] as const;
const CAMELLIA_MODES = [
  [Encryption.ENCR_CAMELLIA_CBC, "CBC"],
  [Encryption.ENCR_CAMELLIA_CTR, "CTR"],
] as const;
const AES_AEADS = [
  [Encryption.ENCR_AES_GCM_ICV16, "GCM", 16],
  [Encryption.ENCR_AES_GCM_ICV12, "GCM", 12],
  [Encryption.ENCR_AES_GCM_ICV8, "GCM", 8],
  [Encryption.ENCR_AES_CCM_ICV16, "CCM", 16],
  [Encryption.ENCR_AES_CCM_ICV12, "CCM", 12],
  [Encryption.ENCR_AES_CCM_ICV8, "CCM", 8],
] as const;

/** Ciphers in strongSwan's order, but RC5, which Node.js builds OpenSSL without. */
export const crypters = (): Feature[] => [
  ...AES_MODES.flatMap(([id, mode]) =>
    KEY_SIZES.map((bits) => provideCrypter(id, bits / 8, () => new NativeCrypter(`AES-${bits}-${mode}`))),
  ),
  ...CAMELLIA_MODES.flatMap(([id, mode]) =>
    KEY_SIZES.map((bits) => provideCrypter(id, bits / 8, () => new NativeCrypter(`CAMELLIA-${bits}-${mode}`))),
  ),
  provideCrypter(Encryption.ENCR_CAST, 16, () => new NativeCrypter("CAST-128-CBC")),
  ...KEY_SIZES.map((bits) => provideCrypter(Encryption.ENCR_BLOWFISH, bits / 8, () => new NativeCrypter(`BLOWFISH-${bits}-CBC`))),
  provideCrypter(Encryption.ENCR_IDEA, 16, () => new NativeCrypter("IDEA-CBC")),
  provideCrypter(Encryption.ENCR_3DES, 24, () => new NativeCrypter("3DES-CBC")),
  provideCrypter(Encryption.ENCR_DES, 8, () => new NativeCrypter("DES-CBC")),
  provideCrypter(Encryption.ENCR_DES_ECB, 8, () => new NativeCrypter("DES-ECB")),
  provideCrypter(Encryption.ENCR_NULL, 0, () => new NullCrypter()),
];

export const aeads = (): Feature[] => [
  ...AES_AEADS.flatMap(([id, mode, icv]) =>
    KEY_SIZES.map((bits) => provideAead(id, bits / 8, () => new NativeAead(`AES-${bits}-${mode}-${icv}`))),
  ),
  provideAead(Encryption.ENCR_CHACHA20_POLY1305, 32, () => new NativeAead("CHACHA20-POLY1305")),
];
