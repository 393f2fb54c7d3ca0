import { createPublicKey, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { RawPublicKey } from "@cygnet/ike";
import type { PublicKeyFormat } from "@cygnet/plugin-api";
import { keyProvider } from "@cygnet/plugin-openssl";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const read = (data: Uint8Array | string, format?: PublicKeyFormat): RawPublicKey =>
  new RawPublicKey(typeof data === "string" ? Buffer.from(data) : data, keyProvider, format);
const spki = (key: KeyObject): string => key.export({ format: "der", type: "spki" }).toString("hex");
const hex = ({ der }: RawPublicKey): string => Buffer.from(der).toString("hex");

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const { n, e } = rsa.export({ format: "jwk" });
const [modulus, exponent] = [Buffer.from(n!, "base64url"), Buffer.from(e!, "base64url")];

/** Keys as `ssh-keygen` 9.2 wrote them, and the same by `ssh-keygen -e -m PKCS8`. */
const OPENSSH = {
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9W7GdV5w9WCdYE8o5gVnl5m1kY0p2rb8T0b0cQ4q3m a@b":
    "302a300506032b65700321009f56ec6755e70f5609d604f28e605679799b5918d29dab6fc4f46f4710e2ade6",
} as const;

describe("RawPublicKey", () => {
  it("is read as SubjectPublicKeyInfo and PKCS#1, in PEM and DER", () => {
    const forms = [
      rsa.export({ format: "pem", type: "spki" }),
      rsa.export({ format: "der", type: "spki" }),
      rsa.export({ format: "pem", type: "pkcs1" }),
      rsa.export({ format: "der", type: "pkcs1" }),
    ];
    for (const form of forms) expect(hex(read(form))).toBe(spki(rsa));
    expect(read(forms[1]!)).toMatchObject({ publicKey: { kind: "RSA", bits: 2048 } });
  });

  it("is read as DNS has it, with a short and a long exponent (RFC 3110)", () => {
    expect(hex(read(Buffer.concat([Uint8Array.of(exponent.length), exponent, modulus]), "dnskey"))).toBe(spki(rsa));
    const long = Buffer.concat([Uint8Array.of(0, 0, exponent.length), exponent, modulus]);
    expect(hex(read(long, "dnskey"))).toBe(spki(rsa));
  });

  it.each(Object.entries(OPENSSH))("is read from a line of OpenSSH and from its blob: %s", (line, expected) => {
    expect(hex(read(line))).toBe(expected);
    expect(hex(read(Buffer.from(line.split(" ")[1]!, "base64"), "sshkey"))).toBe(expected);
  });

  it("is read from blobs of SSH with RSA and ECDSA keys (RFC 4253, RFC 5656)", () => {
    const field = (octets: Uint8Array): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(octets.length);
      return Buffer.concat([length, octets]);
    };
    const blob = (...fields: Uint8Array[]): Buffer => Buffer.concat(fields.map(field));
    const mpint = Buffer.concat([Uint8Array.of(0), modulus]);
    expect(hex(read(blob(Buffer.from("ssh-rsa"), exponent, mpint), "sshkey"))).toBe(spki(rsa));
    const ec = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey;
    const { x, y } = ec.export({ format: "jwk" });
    const point = Buffer.concat([Uint8Array.of(4), Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")]);
    const key = blob(Buffer.from("ecdsa-sha2-nistp384"), Buffer.from("nistp384"), point);
    expect(hex(read(key, "sshkey"))).toBe(spki(ec));
    expect(createPublicKey({ key: Buffer.from(read(key, "sshkey").der), format: "der", type: "spki" }).asymmetricKeyType).toBe(
      "ec",
    );
  });

  it("is refused with a typed error where it is anything else", () => {
    const formats = [undefined, "dnskey", "sshkey"] as const;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...formats), (octets, format) => {
        try {
          read(octets, format);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^CYG_CERT_(SYNTAX|KEY)$/) as string });
        }
      }),
    );
    for (const format of formats)
      expect(() => read(new Uint8Array(0), format)).toThrow(expect.objectContaining({ code: "CYG_CERT_SYNTAX" }));
  });
});
