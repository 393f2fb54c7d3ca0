/**
 * X.509 outside the daemon: certificates, CRLs and keys as text in strongSwan's form, the extensions that they have, and the DER that they are
 * made of.
 *
 * @packageDocumentation
 */
export { ADDRESS_FAMILIES } from "./address-block.js";
export { certificateText } from "./certificate-text.js";
export { crlText } from "./crl-text.js";
export { dateText } from "./date-text.js";
export type { TextStyle } from "./date-text.js";
export * from "./der.js";
export {
  ACCESS_OCSP,
  EXTENDED_USAGES,
  EXTENSION,
  Extensions,
  QUALIFIER_CPS,
  QUALIFIER_USER_NOTICE,
  REVOCATION_REASONS,
} from "./extensions.js";
export type { Extension } from "./extensions.js";
export { generalNameText, nameText } from "./general-name.js";
export { derOf, pemText } from "./pem.js";
export { parsePrivateKey } from "./private-key.js";
export type { ParsedKey } from "./private-key.js";
export { colons, privateKeyLines, publicKeyHash, publicKeyLines, spkiOf, subjectKeyHash } from "./public-key-text.js";
export { readRevocationList } from "./revocation-list.js";
export type { RevocationListContent, RevokedEntry } from "./revocation-list.js";
