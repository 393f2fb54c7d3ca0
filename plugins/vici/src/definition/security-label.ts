import { existsSync } from "node:fs";
import { refuse } from "./option-table.js";

/** What labels are: SELinux contexts that the kernel checks, or words that both ends have to have the same; `system` is the former where there is SELinux. */
export type LabelMode = "system" | "simple" | "selinux";

/** There while SELinux is. */
const SELINUX = "/sys/fs/selinux/enforce";
const NO_CONTEXTS = "contexts of SELinux in the kernel's SAs are not supported by this release, but label_mode = simple is";

/**
 * The security label of a child's section.
 * @param text empty for none
 * @throws {CommandFailed} where it would have to be a context of SELinux
 */
export function securityLabel(
  text: string | undefined,
  mode: LabelMode,
  hasSelinux: () => boolean = () => existsSync(SELINUX),
): string | undefined {
  if (mode === "selinux") refuse("label_mode", mode, hasSelinux() ? NO_CONTEXTS : "there is no SELinux on this host");
  if (!text) return undefined;
  if (mode === "system" && hasSelinux()) refuse("label", text, `there is SELinux on this host, and ${NO_CONTEXTS}`);
  return text;
}
