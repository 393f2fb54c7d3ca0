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

const number = (id: string, ...octets: number[]): Buffer => sequence(oid(id), element(0x04, element(0x02, ...octets)));
/** Extensions of a list with this number, which adds to that of another number. */
const numbered = (own: readonly number[], base?: readonly number[]): Buffer[] => [
  number("551d14", ...own),
  ...(base ? [number("551d1b", ...base)] : []),
];

const list = (...entries: Buffer[]): RevocationList => listWith([], ...entries);

function listWith(extensions: readonly Buffer[], ...entries: Buffer[]): RevocationList {
  const tbs = sequence(
    element(0x02, 1),
    SHA256_WITH_RSA,
    NAME,
    time("261127000000Z"),
    time("271127000000Z"),
    sequence(...entries),
    ...(extensions.length > 0 ? [element(0xa0, sequence(...extensions))] : []),
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

it("says as a delta CRL what it adds and takes out", () => {
  const delta = listWith(numbered([2], [1]), revoked(1, reason(8)), revoked(2), revoked(3, reason(8)), revoked(3));
  expect([delta.isDelta, delta.baseNumber, delta.unknownCritical]).toEqual([true, "01", undefined]);
  expect([[...delta.revoked.keys()], [...delta.removed]]).toEqual([["02", "03"], ["01"]]);
  expect(list(revoked(1)).isDelta).toBe(false);
});

it.each([
  ["its base", [5], [5], [6], true],
  ["a list after its base", [6], [5], [6], true],
  ["a list with a leading zero", [0, 200], [0, 200], [1, 0], true],
  ["a list before its base", [5], [6], [7], false],
  ["a list that is newer than itself", [7], [5], [6], false],
  ["a list with more octets before its base", [1, 0], [1, 1], [1, 2], false],
])("brings up to date, as a delta CRL, %s", (_, complete: number[], base: number[], own: number[], does: boolean) => {
  expect(listWith(numbered(own, base)).appliesTo(listWith(numbered(complete)))).toBe(does);
});

it("brings nothing up to date without being a delta CRL, or that has no number, or is a delta CRL, or by another key", () => {
  const delta = listWith(numbered([2], [1]));
  const keyId = sequence(oid("551d23"), element(0x04, sequence(element(0x80, 1))));
  expect(listWith(numbered([2])).appliesTo(listWith(numbered([1])))).toBe(false);
  for (const other of [list(), listWith(numbered([1], [1])), listWith([...numbered([1]), keyId])])
    expect(delta.appliesTo(other)).toBe(false);
  expect(listWith([number("551d1b", 1)]).appliesTo(listWith(numbered([1])))).toBe(false);
});
