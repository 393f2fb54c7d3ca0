export { Certificate } from "./certificate.js";
export { KeyUsage } from "./extensions.js";
export type { Extensions } from "./extensions.js";
export { readPrivateKey } from "./keys.js";
export type { PrivateKey, PublicKey } from "./keys.js";
export { derOf } from "./pem.js";
export { RevocationList } from "./revocation-list.js";
export { SIGNATURE_SCHEMES, findScheme, schemeOf } from "./signature-scheme.js";
export type { SignatureScheme } from "./signature-scheme.js";
