import type { DefinitionError } from "@cygnet/plugin-api";

/** Which end of a connection is this host. */
export type OwnSide = "left" | "right";

/** What the members of a definition are called in ipsec.conf, at the end that is ours (`%` stands for its side) and at the other (`~`). */
const NAMES: Readonly<Record<string, string>> = {
  localAddresses: "%",
  remoteAddresses: "~",
  localPort: "%ikeport",
  remotePort: "~ikeport",
  virtualIps: "%sourceip",
  localTs: "%subnet",
  remoteTs: "~subnet",
  markIn: "mark_in",
  markOut: "mark_out",
  setMarkIn: "set_mark_in",
  setMarkOut: "set_mark_out",
  ifIdIn: "if_id_in",
  ifIdOut: "if_id_out",
  rekeyTime: "margintime",
  rekeyBytes: "marginbytes",
  rekeyPackets: "marginpackets",
  overTime: "margintime",
  jitterTime: "rekeyfuzz",
  dpdDelay: "dpddelay",
  dpdTimeout: "dpdtimeout",
  replayWindow: "replay_window",
};

/** Why a store refuses a definition, with what is at fault named as in ipsec.conf. */
export function inKeywords({ where, message }: DefinitionError, ours: OwnSide): string {
  const member = where.slice(where.lastIndexOf(".") + 1);
  if (!Object.hasOwn(NAMES, member)) return message;
  const theirs = ours === "left" ? "right" : "left";
  const keyword = NAMES[member]!.replace("%", ours).replace("~", theirs);
  return message.replace(`invalid value for: ${member},`, `invalid value for: ${keyword},`);
}
