import { parseProposal } from "@cygnet/crypto";
import { compilePeer } from "@cygnet/ike";
import type { CompileEnv } from "@cygnet/ike";
import { DefinitionError } from "@cygnet/plugin-api";
import type { PeerDefinition } from "@cygnet/plugin-api";
import { ProtocolId } from "@cygnet/wire";
import { WORKS, unsupported } from "./verdict.js";
import type { Verdict } from "./verdict.js";

/** Words of proposals are the same with any plugins; what `default` stands for does not matter here. */
const ENV: CompileEnv = {
  parseProposal: (protocol, text) => parseProposal(protocol, text),
  defaultProposals: (protocol) => [parseProposal(protocol, protocol === ProtocolId.AH ? "sha256" : "aes128-sha256-modp2048")],
};

/** The verdict on a connection that has one setting only. @param idle what the plugin says has no effect */
export function definitionVerdict(peer: PeerDefinition, idle: readonly string[]): Verdict {
  const { local, remote } = peer;
  if (idle.length > 0) return unsupported(`accepted, without effect in this release: ${idle.join(", ")}`);
  for (const { auth } of [...local, ...remote])
    if (auth === "eap" || auth === "xauth") return unsupported(`${auth.toUpperCase()} does not authenticate in this release`);
  if (remote.some(({ groups }) => groups.length > 0))
    return unsupported("membership of groups (attribute certificates) is not found out, so nobody would be let in");
  try {
    let leftOut: Verdict | undefined;
    compilePeer(peer, { ...ENV, leftOut: (text, why) => (leftOut ??= unsupported(`${text}: ${why}`)) });
    if (leftOut) return leftOut;
  } catch (error) {
    if (error instanceof DefinitionError) return unsupported(error.message);
    throw error;
  }
  return WORKS;
}
