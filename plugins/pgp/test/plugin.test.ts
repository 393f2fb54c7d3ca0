import { PgpReader } from "@cygnet/plugin-api";
import { testHost } from "@cygnet/plugin-testkit";
import { expect, it } from "vitest";
import plugin from "../src/index.js";
import { makeKey } from "./openpgp-keys.js";

it("provides a reader of OpenPGP keys on control, under strongSwan's names, and leaves nothing behind", async () => {
  const host = await testHost({ plugins: [plugin] });
  expect(host.featureNames().toSorted()).toEqual(["CERT_DECODE:PGP", "PRIVKEY:ANY", "PRIVKEY:RSA", "PUBKEY:ANY", "PUBKEY:RSA"]);
  const { certificate, digest } = makeKey();
  expect(Buffer.compare(host.resolve(PgpReader).readCertificate(certificate).digest, digest)).toBe(0);
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});
