import type { KeyProvider } from "@cygnet/plugin-api";
import { extension, signCertificate } from "./certificate.js";
import { Tag, der, name } from "./der.js";
import { signatureAlgorithm } from "./signature-algorithm.js";

/** An authority as files have it: certificate and private key, the key to be wiped. */
export interface Authority {
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
}

/**
 * PKCS#1 of the key of everybody who has none of its own: anybody knows it, and it protects nothing. RSA 1024 as strongSwan's, so that it costs
 * the same.
 */
const KEY =
  "MIICXQIBAAKBgQDKQheRWhrJV1ApSm1pIxXJX+qssbXx3RV31LiJz+zDHDq8CeEXx5SvX9qXNDBR8S0pbqnfRy4SL/RRjd62A6DxTjcm73Bnh9RdcS9vcIBi" +
  "g+FnfLEpeoKOaIl8HIcFYYYTfnf9dOc9knONFAgaGo7GLO78aJaF8IsUUhC4IgeapQIDAQABAoGAFzhnRES39o2TomntDbj9c1UTuCfe35mmMU+2r/uzDuNa" +
  "yuPHd9dt9oRmsB1Jvt6VdMBDuGKPo37l6ccD3pmkDFuInypNEf/znnN1YsLEfk6YJcG5rFIEwXGiJrKb+Xlqw08Bb7SwHFjiEiIyrvfmPx2QsM6tjWK9Kw4K" +
  "0QzvRoECQQD80sjf0ZakUwjNPrKrhHlOJBLXqJVAzMKRINjq+DTOYjSkyoXpfZokDUIWaxjAKmC7/gcBQYDkLgO/0wtbeIe5AkEAzMypocgLGpHaUeECt/Gq" +
  "xaXGFiZzb7RRRalopUlEExBiQrhDNfMP3g26CY/mdDWctAtH5oDXTzycx2Q4sVEITQJBALmCkRJp33dD1jmDv+ZKlhfYMFs9wAaEOF/1EjWXWmf1d1tTn17s" +
  "YqYBdHSusMKQVdqbUtiBD+peOTIP0U2U60ECQGhF7DiK+dxVVqtJvXCagzCO7wRoH25IiPjHAJjnbNmoBd+iodXeI74Tjx0/Pz777QVemQUrpHSbj9eVl6fw" +
  "ciECQQDvZAhpVsud6m9GCIfJ19B3FODoCp2Z7wkESUP+bdy4tOB9SdYjepJxyPbHmK5SyM7XDhXzOGr24MXZ1PLL5Sjj";

const printable = (text: string): Uint8Array => der(Tag.PRINTABLE_STRING, Buffer.from(text));
/** The responder's identity: its certificate is the authority's, as in strongSwan. */
const SUBJECT = name(["2.5.4.3", printable("srv")], ["2.5.4.11", printable("load-test")], ["2.5.4.10", printable("strongSwan")]);

const BASIC_CONSTRAINTS = "2.5.29.19";
const IS_CA = der(Tag.SEQUENCE, der(0x01, Uint8Array.of(0xff)));
/** On any day that a test may run: until the time that stands for no end, RFC 5280 section 4.1.2.5. */
const NOT_BEFORE = Date.UTC(1970, 0, 1);
const NOT_AFTER = Date.UTC(9999, 11, 31, 23, 59, 59);

/** The authority where no other one is configured: the same octets in each daemon. */
export async function builtInAuthority(keys: KeyProvider): Promise<Authority> {
  const key = Buffer.from(KEY, "base64");
  const signing = keys.privateKey(key)!;
  const certificate = await signCertificate(signing, signatureAlgorithm(signing.kind, "sha256"), {
    serial: 0,
    issuer: SUBJECT,
    subject: SUBJECT,
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    publicKey: signing.publicKey,
    extensions: [extension(BASIC_CONSTRAINTS, IS_CA, true)],
  });
  return { certificate, key };
}
