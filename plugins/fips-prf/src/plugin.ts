import { definePlugin, PLUGIN_API, PluginError, prf, providePrf } from "@cygnet/plugin-api";
import { PseudoRandomFunction } from "@cygnet/wire";
import { FipsPrf } from "./fips-prf.js";

/** The PRF of FIPS 186-2 for EAP-SIM and EAP-AKA, over the keyed SHA-1 of another plugin. */
export default definePlugin({
  name: "fips-prf",
  api: PLUGIN_API,
  features: () => [
    providePrf(
      PseudoRandomFunction.PRF_FIPS_SHA1_160,
      (registry) => {
        const keyedSha1 = registry.prf(PseudoRandomFunction.PRF_KEYED_SHA1);
        if (keyedSha1 === undefined)
          throw new PluginError("CYG_CRYPTO_MISSING", "fips-prf", "no PRF:PRF_KEYED_SHA1 to build upon");
        return new FipsPrf(keyedSha1);
      },
      { depends: [prf(PseudoRandomFunction.PRF_KEYED_SHA1)] },
    ),
  ],
});
