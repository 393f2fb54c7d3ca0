import { custom, definePlugin, feature, fetcher, flag, PLUGIN_API, RevocationChecks, time } from "@cygnet/plugin-api";
import type { OptionValues, PluginContext } from "@cygnet/plugin-api";

const OPTIONS = {
  enable_crl: flag(true, "Use revocation lists (CRLs), and fetch those that are missing or old.", { reloadable: true }),
  enable_ocsp: flag(true, "Ask OCSP responders, before lists.", { reloadable: true }),
  timeout: time(10, "How long something that is fetched is waited for, from each place.", { reloadable: true }),
};

/** strongSwan's `revocation`: has the core find out whether certificates of peers were revoked. */
export default definePlugin({
  name: "revocation",
  api: PLUGIN_API,
  options: OPTIONS,
  features: () => [
    {
      provides: custom("revocation"),
      softDepends: [feature("CERT_DECODE", "X509"), fetcher("http://")],
      register: (context) => {
        apply(context);
        return () => context.resolve(RevocationChecks).use(undefined);
      },
    },
  ],
  reload: (context) => {
    if (context.locations.includes("shard")) apply(context);
  },
});

function apply({ options, resolve }: Pick<PluginContext, "resolve"> & { readonly options: OptionValues<typeof OPTIONS> }): void {
  const { enable_crl: useCrl, enable_ocsp: useOcsp, timeout } = options;
  resolve(RevocationChecks).use({ useCrl, useOcsp, timeoutMs: timeout * 1000 });
}
