import { gmpVersion, hasAssemblerMultiplication, hasVectorMultiplication, ModpKeyExchange } from "@cygnet/native";
import type { ModpGroup, ModpProvider } from "@cygnet/native";
import { definePlugin, LogGroup, PLUGIN_API, provideKeyExchange, rng, RngQuality } from "@cygnet/plugin-api";
import type { Feature } from "@cygnet/plugin-api";
import { KeyExchangeMethod } from "@cygnet/wire";

// In strongSwan's order.
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

/** Diffie-Hellman in MODP groups, with OpenSSL's bignum arithmetic or libgmp (see README.md). */
export default definePlugin({
  name: "gmp",
  api: PLUGIN_API,
  features: () => {
    const provider = chooseProvider();
    return GROUPS.map(([id, group], index) => {
      const feature = provideKeyExchange(id, () => new ModpKeyExchange(group, provider), { depends: [rng(RngQuality.STRONG)] });
      return index === 0 ? announcing(feature, provider) : feature;
    });
  },
});

/**
 * Where it was measured (README.md), OpenSSL's assembler was the faster one in each of the groups, so there is no table by group; where the node
 * executable does not export it, libgmp was.
 */
function chooseProvider(): ModpProvider {
  return hasVectorMultiplication() || hasAssemblerMultiplication() || gmpVersion() === undefined ? "openssl" : "gmp";
}

/** Says once, with the first group, what computes. */
function announcing(feature: Feature, provider: ModpProvider): Feature {
  return {
    ...feature,
    register: (context) => {
      const version = gmpVersion();
      const other = version === undefined ? "libgmp is not built in" : `libgmp ${version} is there as well`;
      const library = provider === "gmp" ? `libgmp ${version}` : `OpenSSL ${process.versions.openssl} (${other})`;
      const vector = hasVectorMultiplication() ? "AVX-512 IFMA up to 4096 bits, above with " : "";
      context.log.log(LogGroup.LIB, 1, `gmp plugin computes MODP groups with ${vector}${library}`);
      return feature.register(context);
    },
  };
}
