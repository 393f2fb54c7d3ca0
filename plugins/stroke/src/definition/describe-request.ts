import type { AddConnFields } from "./stroke-end.js";
import { readEnds } from "./stroke-end.js";

const END_KEYS = [
  ["", "address"],
  ["subnet", "subnets"],
  ["sourceip", "sourceip"],
  ["dns", "dns"],
  ["auth", "auth"],
  ["auth2", "auth2"],
  ["id", "id"],
  ["id2", "id2"],
  ["rsakey", "rsakey"],
  ["cert", "cert"],
  ["cert2", "cert2"],
  ["ca", "ca"],
  ["ca2", "ca2"],
  ["groups", "groups"],
  ["groups2", "groups2"],
  ["updown", "updown"],
] as const;

/** What a request says in the words of ipsec.conf, for the log at level 2: `conn X`, then `  key=value` of all that is set. */
export function describeRequest(fields: AddConnFields): string {
  const { me, other } = readEnds(fields);
  const lines = [`conn ${fields.name ?? ""}`];
  const add = (key: string, value: string | null): void => {
    if (value !== null) lines.push(`  ${key}=${value}`);
  };
  for (const [key, field] of END_KEYS) add(`left${key}`, me[field]);
  for (const [key, field] of END_KEYS) add(`right${key}`, other[field]);
  add("eap_identity", fields.eap_identity);
  add("aaa_identity", fields.aaa_identity);
  add("xauth_identity", fields.xauth_identity);
  add("ike", fields["algorithms.ike"]);
  add("esp", fields["algorithms.esp"]);
  add("ah", fields["algorithms.ah"]);
  lines.push(`  dpddelay=${fields["dpd.delay"]}`, `  dpdtimeout=${fields["dpd.timeout"]}`);
  if (fields["dpd.action"] !== 0) lines.push(`  dpdaction=${fields["dpd.action"]}`);
  if (fields.close_action !== 0) lines.push(`  closeaction=${fields.close_action}`);
  lines.push(`  sha256_96=${fields.sha256_96 ? "yes" : "no"}`, `  mediation=${fields["ikeme.mediation"] !== 0 ? "yes" : "no"}`);
  if (fields.version !== 0) lines.push(`  keyexchange=ikev${fields.version}`);
  return lines.join("\n");
}
