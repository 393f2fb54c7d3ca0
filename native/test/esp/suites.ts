import type { EspSa, EspSaOptions } from "@cygnet/native";
import { createEspSa } from "@cygnet/native";

/** Algorithms by IANA's numbers, with the octets of their keys. */
export interface Suite {
  readonly name: string;
  readonly encryption: number;
  readonly encryptionBytes: number;
  readonly integrity: number;
  readonly integrityBytes: number;
}

const suite = (name: string, encryption: number, encryptionBytes: number, integrity = 0, integrityBytes = 0): Suite => ({
  name,
  encryption,
  encryptionBytes,
  integrity,
  integrityBytes,
});

export const SUITES: readonly Suite[] = [
  suite("AES-GCM-8, 128 bits", 18, 20),
  suite("AES-GCM-12, 192 bits", 19, 28),
  suite("AES-GCM-16, 128 bits", 20, 20),
  suite("AES-GCM-16, 256 bits", 20, 36),
  suite("ChaCha20-Poly1305", 28, 36),
  suite("AES-CBC, 128 bits, HMAC-SHA1-96", 12, 16, 2, 20),
  suite("AES-CBC, 192 bits, HMAC-SHA2-384-192", 12, 24, 13, 48),
  suite("AES-CBC, 256 bits, HMAC-SHA2-256-128", 12, 32, 12, 32),
  suite("AES-CBC, 256 bits, HMAC-SHA2-512-256", 12, 32, 14, 64),
  suite("AES-CBC, 128 bits, AES-XCBC-96", 12, 16, 5, 16),
  suite("AES-CBC, 128 bits, AES-CMAC-96", 12, 16, 8, 16),
  suite("AES-CTR, 128 bits, HMAC-SHA2-256-128", 13, 20, 12, 32),
  suite("3DES-CBC, HMAC-MD5-96", 3, 24, 1, 16),
  suite("NULL, HMAC-SHA2-256-128", 11, 0, 12, 32),
];

export const SPI = 0xc0ffee01;
const end = (last: number): EspSaOptions["source"] => ({ address: Uint8Array.of(192, 0, 2, last), port: 4500 });

/** Octets that tell keys apart from each other. */
export const key = (bytes: number, from: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (from + i * 7) & 0xff);

export function saOptions(of: Suite, more: Partial<EspSaOptions> = {}): EspSaOptions {
  return {
    spi: SPI,
    reqid: 1,
    encryption: of.encryption,
    encryptionKey: key(of.encryptionBytes, 3),
    integrity: of.integrity,
    integrityKey: key(of.integrityBytes, 101),
    replayWindow: 64,
    source: end(1),
    destination: end(2),
    ...more,
  };
}

/** Both ends of one SA. */
export function saPair(of: Suite, more: Partial<EspSaOptions> = {}): { readonly out: EspSa; readonly in: EspSa } {
  return { out: createEspSa(saOptions(of, more)), in: createEspSa(saOptions(of, { ...more, inbound: true })) };
}
