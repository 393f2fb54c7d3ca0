export { CredentialStoreImpl } from "./credential-store.js";
export { SecretEntry } from "./secret-entry.js";
export type { PreparedKey } from "./secret-entry.js";
export { SecretStore } from "./secret-store.js";
export type { SecretChange } from "./secret-store.js";
