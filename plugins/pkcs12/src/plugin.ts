import { definePlugin, feature, PLUGIN_API, Pkcs12Reader } from "@cygnet/plugin-api";
import { openPkcs12 } from "./open-pkcs12.js";

/** strongSwan's `pkcs12`: opens containers of certificates and keys. */
export default definePlugin({
  name: "pkcs12",
  api: PLUGIN_API,
  features: () => [
    {
      provides: feature("CONTAINER_DECODE", "PKCS12"),
      on: "control",
      register: ({ provide }) => provide(Pkcs12Reader, { open: openPkcs12 }),
    },
  ],
});
