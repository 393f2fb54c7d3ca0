import { derOf } from "@cygnet/x509";
import { PkiError } from "../pki-error.js";
import type { Input } from "./read-file.js";

const LABELS = ["X509 CRL", "CRL"];

/** A CRL in PEM or DER, as DER. @throws {PkiError} for PEM of something else */
export function revocationListDer({ octets, name }: Input): Buffer {
  const der = derOf(octets, LABELS);
  if (der === undefined) throw new PkiError(`${name} has no CRL`);
  return der;
}
