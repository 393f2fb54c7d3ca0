/**
 * What an ipsec.secrets file holds, before any key file has been opened.
 */

/** Where an entry stands and whom it belongs to; no ids means that it fits any identity. */
interface SecretOwner {
  /** Identities as written, without quotes; how they are read is up to the identity parser. */
  readonly ids: readonly string[];
  readonly file: string;
  /** Line in `file`, from 1. */
  readonly line: number;
}

/** A secret that stands in the file itself. For NTLM it is the NT hash of the password, 16 bytes if the operator got it right. */
export interface SharedSecretEntry extends SecretOwner {
  readonly type: "PSK" | "EAP" | "XAUTH" | "NTLM";
  /** Owned by the receiver of the entry, who zeroes it when done. */
  readonly secret: Uint8Array;
}

/** A file with a private key, or with a PKCS#12 container (P12). */
export interface KeyFileEntry extends SecretOwner {
  readonly type: "RSA" | "ECDSA" | "PKCS8" | "P12" | "BLISS";
  /** As written: relative names count from ipsec.d/private. */
  readonly keyFile: string;
  /** Unset if the file gives none. */
  readonly passphrase?: Uint8Array;
  /** The passphrase is to be asked from the operator (`%prompt`). */
  readonly prompt: boolean;
}

/** The PIN of a token's slot and which key on it is meant. */
export interface PinEntry extends SecretOwner {
  readonly type: "PIN";
  /** Unset: the slots are searched. */
  readonly slot?: number;
  /** Name of the PKCS#11 module; unset: any. */
  readonly module?: string;
  readonly keyId: Uint8Array;
  readonly pin?: Uint8Array;
  readonly prompt: boolean;
}

/** One line of ipsec.secrets. */
export type SecretEntry = SharedSecretEntry | KeyFileEntry | PinEntry;

/** A log line about the file, level 1 of group `cfg` if printed. It never holds a secret. */
export interface SecretMessage {
  readonly file: string;
  /** Line in `file`, from 1; 0 if the whole file is meant. */
  readonly line: number;
  readonly level: "info" | "warning" | "error";
  readonly text: string;
}

/** A file that an `include` names: its contents, or why it cannot be read. */
export type SecretInclude =
  { readonly file: string; readonly text: string | Uint8Array } | { readonly file: string; readonly error: string };

/** All that was read, in the order of the file. */
export interface ParsedSecrets {
  readonly entries: readonly SecretEntry[];
  readonly messages: readonly SecretMessage[];
}
