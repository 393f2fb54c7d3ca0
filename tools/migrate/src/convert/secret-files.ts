import type { SecretInclude } from "@cygnet/plugin-stroke/secrets";
import { NODE_CONF_FILES, globConfFiles } from "@cygnet/starter";
import { readFileSync } from "node:fs";

/** The files that an `include` of ipsec.secrets names. */
export function readSecretFiles(pattern: string): readonly SecretInclude[] {
  return globConfFiles(pattern, NODE_CONF_FILES).map((file): SecretInclude => {
    try {
      return { file, text: readFileSync(file) };
    } catch (error) {
      return { file, error: (error as Error).message };
    }
  });
}
