import { parsePrivateKey } from "@cygnet/x509";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadableKey } from "../src/load/loadable-key.js";
import { secretOctets } from "../src/load/secrets.js";

const KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const LOCK = { cipher: "aes-256-cbc", passphrase: "open" };

describe("a private key", () => {
  it.each([
    ["SEC 1 in PEM", KEY.export({ format: "pem", type: "sec1" })],
    ["SEC 1 in DER", KEY.export({ format: "der", type: "sec1" })],
    ["PKCS#8 in PEM", KEY.export({ format: "pem", type: "pkcs8" })],
    ["PKCS#8 in DER", KEY.export({ format: "der", type: "pkcs8" })],
  ])("is read as %s", (_encoding, octets) => {
    const parsed = parsePrivateKey(Buffer.from(octets));
    expect(parsed.state === "clear" && parsed.key.equals(KEY)).toBe(true);
  });

  it.each([
    ["PEM", KEY.export({ format: "pem", type: "pkcs8", ...LOCK })],
    ["DER", KEY.export({ format: "der", type: "pkcs8", ...LOCK })],
    ["old PEM", KEY.export({ format: "pem", type: "sec1", ...LOCK })],
  ])("that is locked in %s opens with its passphrase only", (_encoding, octets) => {
    expect(parsePrivateKey(Buffer.from(octets)).state).toBe("encrypted");
    expect(parsePrivateKey(Buffer.from(octets), "wrong").state).toBe("encrypted");
    expect(parsePrivateKey(Buffer.from(octets), "open").state).toBe("clear");
  });

  it("goes to the daemon in the encoding of its type", () => {
    const { type, data } = loadableKey(KEY);
    expect(type).toBe("ECDSA");
    expect(createPrivateKey({ key: Buffer.from(data), format: "der", type: "sec1" }).equals(KEY)).toBe(true);
    expect(loadableKey(generateKeyPairSync("ed25519").privateKey).type).toBe("ED25519");
  });

  it("is nothing else", () => {
    expect(parsePrivateKey(Buffer.from("no key")).state).toBe("unknown");
    expect(parsePrivateKey(Buffer.alloc(0)).state).toBe("unknown");
  });
});

it.each([
  ["0x4142", "4142"],
  ["0xabc", "0abc"],
  ["0sQUI=", "4142"],
  ["plain", "706c61696e"],
])("secret %s is %s", (text, hex) => {
  expect(Buffer.from(secretOctets(text)).toString("hex")).toBe(hex);
});
