import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSecrets } from "../../src/secrets/index.js";
import type { ParsedSecrets, SecretEntry, SecretInclude } from "../../src/secrets/index.js";

const parse = (text: string | Uint8Array, files: Record<string, string> = {}): ParsedSecrets =>
  parseSecrets(text, "/etc/ipsec.secrets", (pattern): readonly SecretInclude[] =>
    Object.entries(files)
      .filter(([name]) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
      .map(([file, content]) => (content === "EACCES" ? { file, error: "Permission denied" } : { file, text: content })),
  );
const lines = (parsed: ParsedSecrets): string[] =>
  parsed.messages.map((m) => m.text).filter((t) => t !== "loading secrets from '/etc/ipsec.secrets'");
const only = (text: string): SecretEntry => {
  const parsed = parse(text);
  expect(parsed.entries).toHaveLength(1);
  return parsed.entries[0];
};
const secretOf = (text: string): string => {
  const entry = only(text);
  return "secret" in entry ? Buffer.from(entry.secret).toString("latin1") : "";
};

describe("parseSecrets", () => {
  // Log lines as printed by charon 5.9.8 for the same text (its list of types differs by the ones removed since).
  it.each<[string, string[]]>([
    ["a : PSK foo\nb: PSK foo\nc :PSK foo\n", ["  loaded IKE secret for a", "line 2: missing ' : ' separator"]],
    ['a PSK "x"\n', ["line 1: missing ' : ' separator"]],
    [":PSK x\n", ["line 1: missing ' : ' separator"]],
    [":\n", ["line 1: missing ' : ' separator"]],
    [
      ": PSK x\n  : PSK x\n\t: PSK y\n",
      ["  loaded IKE secret for %any", "  loaded IKE secret for %any", "  loaded IKE secret for %any"],
    ],
    ["a\t:\tPSK x\n", ["line 1: missing ' : ' separator"]],
    ['a b  c : PSK x\n"a b" : PSK y\n', ["  loaded IKE secret for a b  c", '  loaded IKE secret for "a b"']],
    [": PSK\n", ["line 1: missing token"]],
    ["a : \n", ["line 1: missing token"]],
    ['a : PSK"x"\n', ["line 1: missing token"]],
    [": PSK \n", ["line 1: malformed secret: missing secret"]],
    [': PSK "abc\n', ["line 1: malformed secret: missing second delimiter"]],
    [": PSK 'abc\n", ["line 1: malformed secret: missing second delimiter"]],
    ['"a : PSK x\n', ["line 1: missing second delimiter"]],
    ["# c\n  # c\n\n \n: PSK x\n", ["  loaded IKE secret for %any"]],
    [
      ': EAP x\nb : EAP "x"\nc : XAUTH y\nd : NTLM 0x00112233445566778899aabbccddeeff\n',
      ["  loaded EAP secret for %any", "  loaded EAP secret for b", "  loaded EAP secret for c", "  loaded NTLM secret for d"],
    ],
    [": psk x\n", ["line 1: token must be either RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM"]],
    ["a : b : PSK x\n", ["line 1: token must be either RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM"]],
    ["::1 : PSK x\na::b : PSK x", ["  loaded IKE secret for ::1", "  loaded IKE secret for a::b"]],
    [": RSA\n", ["line 1: missing token"]],
    [': RSA /tmp/k.pem "x\n', ["line 1: malformed passphrase: missing second delimiter"]],
    [": PIN foo 1234\n", ["line 1: the given %smartcard specifier is not supported or invalid"]],
    [": PIN %smartcard:50\n", ["line 1: expected PIN"]],
    [": PSK 0xzz\n", ["line 1: malformed secret: not a hex string"]],
    [": PSK x\nbad\n: PSK y\n", ["  loaded IKE secret for %any", "line 2: missing ' : ' separator"]],
  ])("%j logs what charon logs", (text, expected) => {
    expect(lines(parse(text))).toEqual(expected);
  });

  it.each<[string, string]>([
    [': PSK "a b"', "a b"],
    [": PSK 'a\"b'", 'a"b'],
    [": PSK a#c", "a#c"],
    [": PSK a b", "a"],
    [": PSK 0x6162", "ab"],
    [": PSK 0X6:1:62", "ab"],
    [": PSK 0x616", "\x06\x16"],
    [": PSK 0sYWI=", "ab"],
    [": PSK 0SYWI", "ab"],
    [': PSK "0x61"', "0x61"],
    [': PSK ""', ""],
    [': PSK "a\\n"', "a\\n"],
    [": PSK   x \r", "x"],
  ])("%j holds the secret %j", (text, secret) => {
    expect(secretOf(text)).toBe(secret);
  });

  it("keeps secret bytes that are no UTF-8 and reads ids as UTF-8", () => {
    const parsed = parse(new Uint8Array([...Buffer.from('"jürg" : PSK "'), 0xff, 0x80, ...Buffer.from('"')]));
    expect(parsed.entries).toMatchObject([{ ids: ["jürg"], secret: Uint8Array.of(0xff, 0x80) }]);
  });

  it("splits owners at blanks and keeps quoted ones whole", () => {
    expect(only('"C=CH, O=x" moon 10.0.0.1 : PSK z').ids).toEqual(["C=CH, O=x", "moon", "10.0.0.1"]);
    expect(only(": PSK z").ids).toEqual([]);
  });

  it("reads key files with and without passphrase or prompt", () => {
    expect(only(": RSA k.pem")).toEqual({
      type: "RSA",
      ids: [],
      keyFile: "k.pem",
      prompt: false,
      file: "/etc/ipsec.secrets",
      line: 1,
    });
    expect(only('\n: ECDSA "my key.pem" "pw"')).toMatchObject({
      type: "ECDSA",
      keyFile: "my key.pem",
      passphrase: Uint8Array.of(0x70, 0x77),
      line: 2,
    });
    expect(only(": P12 c.p12 %prompt")).toMatchObject({ type: "P12", prompt: true });
    expect(only(': PKCS8 c.der "%prompt"')).toMatchObject({ prompt: false });
  });

  it("reads a PIN's slot, module and key id", () => {
    expect(only(": PIN %smartcard1@opensc:50aB 1234")).toMatchObject({
      type: "PIN",
      slot: 1,
      module: "opensc",
      keyId: Uint8Array.of(0x50, 0xab),
      pin: Uint8Array.of(0x31, 0x32, 0x33, 0x34),
      prompt: false,
    });
    expect(only(": PIN %smartcard:50 %prompt")).toMatchObject({ prompt: true });
  });

  it("reads includes relative to the including file and goes on behind a broken one", () => {
    const files = { "/etc/s/one": "one : PSK a\n", "/etc/s/two": "bad\nx : PSK y\n", "/etc/s/three": "EACCES" };
    const parsed = parse(": PSK x\ninclude s/*\n: PSK z\n", files);
    expect(parsed.entries.map((e) => [e.file, e.line])).toEqual([
      ["/etc/ipsec.secrets", 1],
      ["/etc/s/one", 1],
      ["/etc/ipsec.secrets", 3],
    ]);
    expect(lines(parsed)).toEqual([
      "  loaded IKE secret for %any",
      "loading secrets from '/etc/s/one'",
      "  loaded IKE secret for one",
      "loading secrets from '/etc/s/two'",
      "line 1: missing ' : ' separator",
      "loading secrets from '/etc/s/three'",
      "opening secrets file '/etc/s/three' failed: Permission denied",
      "  loaded IKE secret for %any",
    ]);
    expect(lines(parse("include nope\n: PSK b\n"))).toEqual([
      "expanding file expression '/etc/nope' failed",
      "  loaded IKE secret for %any",
    ]);
  });

  it("stops a file that includes itself after ten levels", () => {
    const parsed = parseSecrets("include self\n", "/etc/self", (file) => [{ file, text: "include self\nx : PSK y\n" }]);
    expect(parsed.entries).toHaveLength(10);
    expect(parsed.messages.filter((m) => m.text.includes("nested deeper than 10 levels"))).toHaveLength(1);
  });

  it("reads any text without throwing and never shows a secret", () => {
    const piece = fc.constantFrom(
      "a",
      " : ",
      ": ",
      "PSK",
      "RSA",
      "PIN",
      "EAP",
      " ",
      '"',
      "'",
      "\n",
      "#",
      "include",
      "0x",
      "0s",
      "%prompt",
      "%smartcard1@m:5",
      "\t",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(piece, { maxLength: 30 }).map((p) => p.join("")),
        ),
        (text) => {
          const parsed = parse(text);
          expect(parsed.messages.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
    const secret = "Zk3f9Qq7";
    expect(JSON.stringify(parse(`a : PSK ${secret}\nb : RSA k ${secret}\nc : PSK "${secret}\n`).messages)).not.toContain(secret);
  });
});
