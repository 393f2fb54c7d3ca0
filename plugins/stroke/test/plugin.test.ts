import { expect, it } from "vitest";
import plugin from "../src/index.js";

it("wants what strongSwan's stroke wants, under the names that listplugins prints", () => {
  const features = plugin.features({} as Parameters<typeof plugin.features>[0]);
  expect(features.map(({ provides, softDepends = [] }) => [provides, ...softDepends].join(" "))).toEqual([
    "CUSTOM:stroke CUSTOM:counters PRIVKEY:RSA PRIVKEY:ECDSA PRIVKEY:DSA PRIVKEY:ED25519 PRIVKEY:ED448 " +
      "CERT_DECODE:ANY CERT_DECODE:X509 CERT_DECODE:X509_CRL CERT_DECODE:X509_AC CERT_DECODE:PUBKEY",
  ]);
});
