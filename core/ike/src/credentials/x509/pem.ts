import { DefinitionError } from "@cygnet/plugin-api";

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/;

/** Whether octets are PEM, RFC 7468, rather than DER. */
export const isPem = (data: Uint8Array): boolean => Buffer.from(data).includes("-----BEGIN ");

/**
 * DER of the first block in a PEM text that has one of these labels, or the octets themselves where they are DER.
 * @throws {DefinitionError} CYG_CERT_SYNTAX
 */
export function derOf(data: Uint8Array, labels: readonly string[], what: string): Uint8Array {
  if (!isPem(data)) return data;
  let text = Buffer.from(data).toString("latin1");
  for (let match = BLOCK.exec(text); match; match = BLOCK.exec(text)) {
    if (labels.includes(match[1]!)) return new Uint8Array(Buffer.from(match[2]!, "base64"));
    text = text.slice(match.index + match[0].length);
  }
  throw new DefinitionError("CYG_CERT_SYNTAX", what, `it has no PEM block '${labels[0]}'`);
}
