import type { Settings, SettingsView } from "@cygnet/settings";
import { encodeText } from "@cygnet/settings";

/** A pre-shared key or password, as load-shared takes it. */
export interface SharedSecret {
  readonly id: string;
  readonly type: string;
  readonly data: Uint8Array;
  readonly owners: readonly string[];
}

/** Prefixes of sections in `secrets` that are shared keys; charon does not mind their case. */
const SHARED_TYPES = ["eap", "xauth", "ntlm", "ike", "ppk"];
const FILE_TYPES = ["private", "rsa", "ecdsa", "bliss", "pkcs8", "pkcs12"];

/** The kind that the name of a section in `secrets` begins with. */
export function secretKind(name: string): string | undefined {
  return [...SHARED_TYPES, ...FILE_TYPES, "token"].find((kind) => name.startsWith(kind));
}

/** The type of load-shared, undefined for other kinds. */
export function sharedType(name: string): string | undefined {
  const kind = secretKind(name);
  return kind !== undefined && SHARED_TYPES.includes(kind) ? kind : undefined;
}

/** @returns undefined where there is no secret in it */
export function sharedSecret(name: string, type: string, section: SettingsView): SharedSecret | undefined {
  const secret = section.getString("secret");
  if (secret === undefined) return undefined;
  const owners = section.entries().flatMap(([key, value]) => (key.startsWith("id") ? [value] : []));
  return { id: name, type, data: secretOctets(secret), owners };
}

/** Passphrases for a file: those of the sections of its kind that name it. */
export function passphrases(settings: Settings, kind: string, file: string): string[] {
  return settings.sections(["secrets"]).flatMap((name) => {
    const section = settings.section(["secrets", name]);
    const secret = section.getString("secret");
    const isOf = secretKind(name) === kind && section.getString("file") === file;
    return isOf && secret !== undefined ? [Buffer.from(secretOctets(secret)).toString("utf8")] : [];
  });
}

/** A secret as it is, or with 0x in hex, or with 0s in Base64. */
export function secretOctets(text: string): Uint8Array {
  if (/^0x/i.test(text)) {
    const digits = text.slice(2).replaceAll(/[^\da-f]/gi, "");
    return Buffer.from(digits.length % 2 === 1 ? `0${digits}` : digits, "hex");
  }
  return /^0s/i.test(text) ? Buffer.from(text.slice(2), "base64") : encodeText(text);
}
