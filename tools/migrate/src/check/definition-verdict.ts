import type { PeerDefinition } from "@cygnet/plugin-api";
import { WORKS, unsupported } from "./verdict.js";
import type { Verdict } from "./verdict.js";

/** The verdict on a connection that has one setting only. @param idle what the plugin says has no effect */
export function definitionVerdict({ local, remote }: PeerDefinition, idle: readonly string[]): Verdict {
  if (idle.length > 0) return unsupported(`accepted, without effect in this release: ${idle.join(", ")}`);
  for (const { auth } of [...local, ...remote])
    if (auth === "eap" || auth === "xauth") return unsupported(`${auth.toUpperCase()} does not authenticate in this release`);
  if (local.length > 1 || remote.length > 1) return unsupported("only one round authenticates in this release");
  return WORKS;
}
