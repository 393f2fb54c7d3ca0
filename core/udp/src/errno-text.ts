import { getSystemErrorMap } from "node:util";

/** The text of an errno name as strongSwan's log has it (`ENETUNREACH`: `Network is unreachable`), the name itself where unknown. */
export function errnoText(name: string): string {
  for (const [known, text] of getSystemErrorMap().values())
    if (known === name) return text.charAt(0).toUpperCase() + text.slice(1);
  return name;
}
