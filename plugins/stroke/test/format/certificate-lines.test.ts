import { expect, it } from "vitest";
import type { CertificateInfo, RevocationListInfo } from "@cygnet/plugin-api";
import { certificateLines, revocationListLines } from "../../src/index.js";

const DAY_MS = 86_400_000;
const NOT_AFTER = Date.UTC(2026, 11, 27, 0, 38, 53);

const CERTIFICATE: CertificateInfo = {
  set: "/etc/ipsec.d/certs",
  der: new Uint8Array(),
  fingerprint: "00",
  subject: "CN=moon",
  subjectDer: "30",
  issuer: "CN=root",
  serial: "104b",
  notBefore: NOT_AFTER - 30 * DAY_MS,
  notAfter: NOT_AFTER,
  altNames: [],
  flags: [],
  pathLength: undefined,
  crlUris: [],
  ocspUris: [],
  authorityKeyId: undefined,
  subjectKeyId: undefined,
  publicKey: { kind: "RSA", bits: 2048, keyId: "00", subjectKeyId: "00" },
  hasPrivateKey: false,
  isCa: false,
  isTrusted: false,
  isOcspSigner: false,
};

it.each([
  ["within the second it was made in", 30 * DAY_MS - 700, "ok (expires in 30 days)"],
  ["a second later", 30 * DAY_MS - 1000, "ok (expires in 29 days)"],
  ["within its last second", -700, "ok (expires in 0 seconds)"],
  ["a second later", -1000, "expired (1 second ago)"],
])("tells how long a certificate is valid in whole seconds: %s", (_, left, text) => {
  const lines = certificateLines("End Entity Certificates", [CERTIFICATE], NOT_AFTER - left);
  expect(lines.find((line) => line.includes("not after"))?.endsWith(text)).toBe(true);
});

it("shows which list a delta CRL adds to", () => {
  const list: RevocationListInfo = {
    set: "fetched",
    der: new Uint8Array(),
    issuer: "CN=root",
    thisUpdate: 0,
    nextUpdate: undefined,
    number: "0b",
    baseNumber: "0a",
    authorityKeyId: undefined,
    revoked: [],
  };
  expect(revocationListLines([list], 0)).toContain("  delta CRL: for serial 0a");
  expect(revocationListLines([{ ...list, baseNumber: undefined }], 0).join("\n")).not.toContain("delta");
});
