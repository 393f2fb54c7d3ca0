/**
 * strongSwan's `pgp`: OpenPGP keys as certificates and private keys.
 *
 * @packageDocumentation
 */
export { readPgpCertificate } from "./read-certificate.js";
export { readPgpPrivateKey } from "./read-private-key.js";
export { default } from "./plugin.js";
