import { Host } from "@cygnet/plugin-api";
import { CommandFailed, required } from "./command.js";
import type { Command } from "./command.js";

/** `redirect` (RFC 5685). What is asked for is checked; sending REDIRECT on an IKE_SA that is up is not part of this release. */
export const redirect: Command = (request) => {
  required(request, "gateway", "missing target gateway");
  const peerIp = request.text("peer-ip");
  const isSelected = ["ike", "ike-id", "peer-ip", "peer-id"].some((name) => request.get(name) !== undefined);
  if (peerIp !== undefined && !isSelector(peerIp)) throw new CommandFailed("invalid peer IP selector");
  if (!isSelected) throw new CommandFailed("missing redirect selector");
  throw new CommandFailed("redirecting established IKE_SAs (RFC 5685) is not supported by this release");
};

/** An address, a subnet or a range. */
function isSelector(text: string): boolean {
  return text.split(/[-/]/, 1).every((address) => Host.parse(address) !== undefined);
}
