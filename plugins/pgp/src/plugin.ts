import { PLUGIN_API, PgpReader, definePlugin, feature } from "@cygnet/plugin-api";
import { readPgpCertificate } from "./read-certificate.js";
import { readPgpPrivateKey } from "./read-private-key.js";

/** strongSwan's `pgp`: reads OpenPGP keys. */
export default definePlugin({
  name: "pgp",
  api: PLUGIN_API,
  features: () => [
    {
      provides: feature("CERT_DECODE", "PGP"),
      on: "control",
      register: ({ provide }) => provide(PgpReader, { readCertificate: readPgpCertificate, readPrivateKey: readPgpPrivateKey }),
    },
    // What these are the features of is done by the reader.
    ...(["PRIVKEY", "PUBKEY"] as const).flatMap((type) =>
      ["ANY", "RSA"].map((kind) => ({
        provides: feature(type, kind),
        on: "control" as const,
        register: () => undefined,
      })),
    ),
  ],
});
