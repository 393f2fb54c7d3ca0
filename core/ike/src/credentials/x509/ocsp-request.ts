import type { KeyProvider } from "@cygnet/plugin-api";
import type { Certificate } from "./certificate.js";
import { Tag, contextTag } from "./der-reader.js";
import { derElement, derOid } from "./der-writer.js";

/**
 * Asks for the status of one certificate, RFC 6960 section 4.1, by SHA-1 as every responder understands it.
 * @param nonce comes back in the response of a responder that does not answer from a store (RFC 8954)
 */
export function ocspRequest(certificate: Certificate, issuer: Certificate, keys: KeyProvider, nonce: Uint8Array): Uint8Array {
  const octets = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
  const certId = derElement(
    Tag.SEQUENCE,
    derElement(Tag.SEQUENCE, derOid("1.3.14.3.2.26"), derElement(0x05)),
    derElement(Tag.OCTET_STRING, octets(keys.fingerprint("sha1", issuer.subject.data))),
    derElement(Tag.OCTET_STRING, octets(issuer.publicKey.keyHash("sha1"))),
    derElement(Tag.INTEGER, octets(certificate.serial)),
  );
  const extension = derElement(
    Tag.SEQUENCE,
    derOid("1.3.6.1.5.5.7.48.1.2"),
    derElement(Tag.OCTET_STRING, derElement(Tag.OCTET_STRING, nonce)),
  );
  const list = derElement(Tag.SEQUENCE, derElement(Tag.SEQUENCE, certId));
  const extensions = derElement(contextTag(2), derElement(Tag.SEQUENCE, extension));
  return derElement(Tag.SEQUENCE, derElement(Tag.SEQUENCE, list, extensions));
}
