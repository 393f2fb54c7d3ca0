import { EcpKeyExchange, ModpKeyExchange, XdhKeyExchange } from "@cygnet/native";
import type { EcpCurve, ModpGroup } from "@cygnet/native";
import { provideKeyExchange } from "@cygnet/plugin-api";
import type { Feature } from "@cygnet/plugin-api";
import { KeyExchangeMethod } from "@cygnet/wire";

const GROUPS: readonly (readonly [KeyExchangeMethod, ModpGroup])[] = [
  [KeyExchangeMethod.MODP_3072_BIT, "3072"],
  [KeyExchangeMethod.MODP_4096_BIT, "4096"],
  [KeyExchangeMethod.MODP_6144_BIT, "6144"],
  [KeyExchangeMethod.MODP_8192_BIT, "8192"],
  [KeyExchangeMethod.MODP_2048_BIT, "2048"],
  [KeyExchangeMethod.MODP_2048_224, "2048_224"],
  [KeyExchangeMethod.MODP_2048_256, "2048_256"],
  [KeyExchangeMethod.MODP_1536_BIT, "1536"],
  [KeyExchangeMethod.MODP_1024_BIT, "1024"],
  [KeyExchangeMethod.MODP_1024_160, "1024_160"],
  [KeyExchangeMethod.MODP_768_BIT, "768"],
];

const CURVES: readonly (readonly [KeyExchangeMethod, EcpCurve])[] = [
  [KeyExchangeMethod.ECP_256_BIT, "P-256"],
  [KeyExchangeMethod.ECP_384_BIT, "P-384"],
  [KeyExchangeMethod.ECP_521_BIT, "P-521"],
  [KeyExchangeMethod.ECP_224_BIT, "P-224"],
  [KeyExchangeMethod.ECP_192_BIT, "P-192"],
  [KeyExchangeMethod.ECP_256_BP, "BP-256"],
  [KeyExchangeMethod.ECP_384_BP, "BP-384"],
  [KeyExchangeMethod.ECP_512_BP, "BP-512"],
  [KeyExchangeMethod.ECP_224_BP, "BP-224"],
];

/**
 * Key exchange methods in the order of strongSwan 5.9, which is the order of default proposals where this plugin alone provides them: a peer
 * that prefers another group than ours costs a round trip with INVALID_KE_PAYLOAD. strongSwan 6 has the last two kinds the other way round.
 */
export const keyExchanges = (): Feature[] => [
  ...GROUPS.map(([id, group]) => provideKeyExchange(id, () => new ModpKeyExchange(group))),
  provideKeyExchange(KeyExchangeMethod.CURVE_25519, () => new XdhKeyExchange("X25519")),
  provideKeyExchange(KeyExchangeMethod.CURVE_448, () => new XdhKeyExchange("X448")),
  ...CURVES.map(([id, curve]) => provideKeyExchange(id, () => new EcpKeyExchange(curve))),
];
