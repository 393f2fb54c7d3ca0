export { parseSecrets } from "./parse-secrets.js";
export type {
  KeyFileEntry,
  ParsedSecrets,
  PinEntry,
  SecretEntry,
  SecretInclude,
  SecretMessage,
  SharedSecretEntry,
} from "./secret-entry.js";
