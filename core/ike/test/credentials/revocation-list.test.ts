import { expect, it } from "vitest";
import { RevocationList } from "../../src/credentials/index.js";

/** A DER element with less than 512 octets in it. */
function element(tag: number, ...content: (Uint8Array | number)[]): Buffer {
  const octets = Buffer.concat(content.map((part) => (typeof part === "number" ? Buffer.of(part) : part)));
  const length =
    octets.length < 128 ? [octets.length] : octets.length < 256 ? [0x81, octets.length] : [0x82, 1, octets.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), octets]);
}

const sequence = (...content: (Uint8Array | number)[]): Buffer => element(0x30, ...content);
const oid = (hex: string): Buffer => element(0x06, Buffer.from(hex, "hex"));
const time = (text: string): Buffer => element(0x17, Buffer.from(text, "latin1"));
const CRITICAL = element(0x01, 0xff);
const SHA256_WITH_RSA = sequence(oid("2a864886f70d01010b"), element(0x05));
const NAME = sequence(element(0x31, sequence(oid("550403"), element(0x0c, Buffer.from("root", "latin1")))));

const reason = (value: number): Buffer => sequence(oid("551d15"), element(0x04, element(0x0a, value)));
const revoked = (serial: number, ...extensions: Buffer[]): Buffer =>
  sequence(element(0x02, serial), time("261127000000Z"), ...(extensions.length > 0 ? [sequence(...extensions)] : []));

function list(...entries: Buffer[]): RevocationList {
  const tbs = sequence(
    element(0x02, 1),
    SHA256_WITH_RSA,
    NAME,
    time("261127000000Z"),
    time("271127000000Z"),
    sequence(...entries),
  );
  return new RevocationList(sequence(tbs, SHA256_WITH_RSA, element(0x03, 0, 1)));
}

it("has what was revoked, with the reason", () => {
  const { revoked: entries, unknownCritical } = list(revoked(1), revoked(2, reason(1)), revoked(3, reason(99)));
  expect([...entries].map(([serial, entry]) => [serial, entry.reason])).toEqual([
    ["01", "unspecified"],
    ["02", "key compromise"],
    ["03", "unspecified"],
  ]);
  expect(unknownCritical).toBeUndefined();
});

it("has not what was taken out of it again", () => {
  expect([...list(revoked(1, reason(6)), revoked(2), revoked(1, reason(8))).revoked.keys()]).toEqual(["02"]);
});

it("is not understood with a critical extension of an entry that is not known, as the issuer of another authority's certificate", () => {
  const issuer = sequence(oid("551d1d"), CRITICAL, element(0x04, sequence()));
  expect(list(revoked(1), revoked(2, issuer)).unknownCritical).toBe("2.5.29.29");
  const invalidSince = sequence(oid("551d18"), element(0x04, element(0x18, Buffer.from("20260101000000Z", "latin1"))));
  expect(list(revoked(1, invalidSince)).unknownCritical).toBeUndefined();
});
