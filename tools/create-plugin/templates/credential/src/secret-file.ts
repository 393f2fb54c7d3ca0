import { readFile } from "node:fs/promises";
import { PluginError } from "@cygnet/plugin-api";
import type { SharedSecret } from "@cygnet/plugin-api";

/** Reads `IDENTITY KEY` from each line that is neither empty nor begins with `#`. @throws {PluginError} that names file and line */
export async function readSecrets(plugin: string, file: string): Promise<readonly SharedSecret[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new PluginError("ACME_FILE", plugin, `${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const secrets: SharedSecret[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, identity, key] = /^\s*(\S+)\s+(\S.*?)\s*$/.exec(line) ?? [];
    // The line itself may be a secret, and is not repeated.
    if (identity === undefined || key === undefined)
      throw new PluginError("ACME_LINE", plugin, `${file}:${index + 1}: an identity and a key are expected`);
    secrets.push({ type: "IKE", owners: [identity], secret: new TextEncoder().encode(key) });
  }
  return secrets;
}
