import type { SecretEntry } from "@cygnet/plugin-stroke/secrets";
import type { SettingsObject } from "@cygnet/settings";

/** The section `secrets` of swanctl.conf, and what has to be done beside it. */
export interface SecretSections {
  readonly sections: SettingsObject;
  /** With file and line of ipsec.secrets; no secret is in them. */
  readonly notes: readonly string[];
}

const SHARED = { PSK: "ike", EAP: "eap", XAUTH: "xauth", NTLM: "ntlm" } as const;

/** Turns what ipsec.secrets has into sections, in its order. */
export function secretSections(entries: readonly SecretEntry[]): SecretSections {
  const sections: Record<string, SettingsObject> = {};
  const notes: string[] = [];
  const counts = new Map<string, number>();
  const add = (prefix: string, section: Readonly<Record<string, string | undefined>>): void => {
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    const given = Object.entries(section).filter((entry): entry is [string, string] => entry[1] !== undefined);
    sections[`${prefix}-${count}`] = Object.fromEntries(given);
  };
  for (const entry of entries) {
    const note = (text: string): void => void notes.push(`${entry.file}:${entry.line}: ${text}`);
    if (entry.type === "PIN") {
      const { keyId, slot, module, pin } = entry;
      add("token", {
        handle: hex(keyId),
        slot: slot === undefined ? undefined : String(slot),
        module,
        pin: pin && secretText(pin),
      });
      note("PIN: keys on tokens are not supported by this release");
    } else if ("secret" in entry) {
      const ids = entry.ids.map((id, index) => [`id-${index + 1}`, id]);
      add(SHARED[entry.type], {
        ...Object.fromEntries(ids),
        secret: entry.type === "NTLM" ? `0x${hex(entry.secret)}` : secretText(entry.secret),
      });
    } else {
      const prefix = entry.type === "P12" ? "pkcs12" : "private";
      const folder = entry.type === "P12" ? "pkcs12" : "private";
      const file = entry.keyFile.slice(entry.keyFile.lastIndexOf("/") + 1);
      if (entry.passphrase !== undefined) add(prefix, { file, secret: secretText(entry.passphrase) });
      note(
        `${entry.type}: copy '${entry.keyFile}' to the folder ${folder} beside swanctl.conf${entry.prompt ? "; the passphrase is asked for" : ""}`,
      );
    }
  }
  return { sections, notes };
}

/** A secret for swanctl.conf: as it is where that is certain to be read back, else in hex. */
export function secretText(secret: Uint8Array): string {
  const text = Buffer.from(secret).toString("latin1");
  return /^[!#-[\]-~]+$/.test(text) && !/^0[xs]/.test(text) ? text : `0x${hex(secret)}`;
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
