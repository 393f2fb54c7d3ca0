import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decodeText, encodeText, parseBool, parseDouble, parseInt32, parseTime, parseUint64 } from "../src/index.js";

// Read off the value functions of strongSwan 5.9.8, a few extremes excepted; undefined stands for "took the default".

describe("parseBool", () => {
  it.each(["1", "Yes", "YES", "true", "TRUE", "enabled", "Enabled"])("%j is yes", (text) => expect(parseBool(text)).toBe(true));
  it.each(["0", "nO", "False", "disabled"])("%j is no", (text) => expect(parseBool(text)).toBe(false));
  it.each(["", "on", "off", "2", "01", "00", "y", "n", "yes ", " yes", "enable"])("%j is neither", (text) =>
    expect(parseBool(text)).toBeUndefined(),
  );
});

describe("parseUint64 and parseInt32", () => {
  it.each<[string, bigint | undefined, number | undefined]>([
    ["", undefined, undefined],
    ["0", 0n, 0],
    ["+5", 5n, 5],
    ["-5", 18446744073709551611n, -5],
    ["--5", undefined, undefined],
    ["- 5", undefined, undefined],
    ["0x", undefined, undefined],
    ["0xg", undefined, undefined],
    ["0X10", undefined, undefined],
    ["-0x10", undefined, undefined],
    [" 0x10", undefined, undefined],
    ["0x10 ", undefined, undefined],
    ["0x-5", undefined, undefined],
    ["00x10", undefined, undefined],
    ["0xAbC", 2748n, 2748],
    ["\t\n\v 7", 7n, 7],
    ["7 ", undefined, undefined],
    ["010", 10n, 10],
    ["08", 8n, 8],
    ["5s", undefined, undefined],
    ["1e3", undefined, undefined],
    ["1_0", undefined, undefined],
    ["0b1", undefined, undefined],
    ["٣", undefined, undefined],
    ["\u00a05", undefined, undefined],
    ["0xffffffff", 0xffffffffn, -1],
    ["2147483648", 2147483648n, -2147483648],
    ["-2147483649", 18446744071562067967n, 2147483647],
    ["99999999999", 99999999999n, 1215752191],
    ["18446744073709551615", 18446744073709551615n, -1],
    ["18446744073709551616", undefined, undefined],
    ["-18446744073709551616", undefined, undefined],
    ["-9223372036854775809", 9223372036854775807n, -1],
    ["000000000000000000000000000007", 7n, 7],
    ["999999999999999999999999", undefined, undefined],
  ])("%j is %s and %s", (text, unsigned, signed) => {
    expect(parseUint64(text)).toBe(unsigned);
    expect(parseInt32(text)).toBe(signed);
  });
});

describe("parseTime", () => {
  it.each<[string, number | undefined]>([
    ["90", 90],
    ["5 s", 5],
    ["5\n m", 300],
    ["5\vm", 300],
    ["5M", undefined],
    ["5sec", 5],
    ["5days", 432000],
    ["5d5", 432000],
    ["5w", undefined],
    ["5 ", 5],
    [" 5m ", 300],
    ["-5m", 4294966996],
    ["+5m", 300],
    ["0x10m", undefined],
    ["4294967296", 0],
    ["49711d", 63104],
    ["9223372036854775807m", 4294967236],
    ["18446744073709551616", undefined],
    ["m", undefined],
    ["5 5", undefined],
    ["5.5", undefined],
    ["5\u00a0m", undefined],
    ["", undefined],
  ])("%j is %j seconds", (text, seconds) => expect(parseTime(text)).toBe(seconds));
});

describe("parseDouble", () => {
  it.each<[string, number | undefined]>([
    ["1.8", 1.8],
    ["1.", 1],
    [".5", 0.5],
    ["-.5e-1", -0.05],
    ["+1.5", 1.5],
    [" 1.5", 1.5],
    ["1.5 ", undefined],
    [".", undefined],
    ["1e", undefined],
    ["1e+", undefined],
    ["e5", undefined],
    ["1,5", undefined],
    ["50%", undefined],
    ["1d", undefined],
    ["", undefined],
    ["-", undefined],
    ["INF", Infinity],
    ["-infinity", -Infinity],
    ["infinit", undefined],
    ["nan", NaN],
    ["NaN(1)", NaN],
    ["nan()", NaN],
    ["nan(a-b)", undefined],
    ["0x1p3", 8],
    ["0x1.8", 1.5],
    ["0x.8p-1", 0.25],
    ["0X1F", 31],
    ["-0x10", -16],
    ["0x", undefined],
    ["0x1p", undefined],
    ["0x1.fffffffffffff8p0", 2],
    ["0x123456789abcdef01", 2.0988295479420645e19],
    ["0x1p2000", undefined],
    ["0x1p-1080", undefined],
    ["0x1p1023", 2 ** 1023],
    ["1e400", undefined],
    ["1e-310", undefined],
    ["0e999", 0],
    ["0x0p9999", 0],
  ])("%j is %j", (text, value) => expect(parseDouble(text)).toBe(value));

  it("reads back every normal number that it is printed as", () => {
    const normal = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => x === 0 || Math.abs(x) >= 2 ** -1022);
    fc.assert(fc.property(normal, (x) => parseDouble(String(x)) === x));
  });
});

describe("text of any bytes", () => {
  it("is UTF-8 where it can be and loses no byte where it cannot", () => {
    expect(decodeText(Uint8Array.of(0x5a, 0xc3, 0xbc, 0xfc))).toBe("Zü\udcfc");
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(encodeText(decodeText(bytes))).toEqual(bytes);
      }),
    );
  });

  it("tells overlong forms, surrogates and cut sequences from UTF-8", () => {
    for (const bytes of [[0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0xff]]) {
      expect(decodeText(Uint8Array.from(bytes))).toBe(String.fromCharCode(...bytes.map((byte) => 0xdc00 + byte)));
    }
  });
});
