/**
 * Which requests turn a daemon with one configuration into a daemon with another.
 */

import type { StarterConfig } from "../conf/starter-config.js";
import { addCaRequest, addConnRequests, delCaRequest, delConnRequests, loadRequests } from "../stroke/starter-requests.js";

/**
 * Update: sections that vanished or changed are deleted, then those that are new or changed are added, authorities first. What did not
 * change is left alone, its SAs with it. `config setup` alone changes nothing here, as with strongSwan; it takes effect with a reload.
 */
export function updateRequests(before: StarterConfig, after: StarterConfig): Uint8Array[] {
  const kept = new Set(after.conns.map(identityOf));
  const known = new Set(before.conns.map(identityOf));
  const keptCas = new Set(after.cas.map(identityOf));
  const knownCas = new Set(before.cas.map(identityOf));
  return [
    ...before.conns.filter((conn) => !kept.has(identityOf(conn))).flatMap(delConnRequests),
    ...before.cas.filter((ca) => ca.auto !== "ignore" && !keptCas.has(identityOf(ca))).map((ca) => delCaRequest(ca.name)),
    ...after.cas.filter((ca) => ca.auto !== "ignore" && !knownCas.has(identityOf(ca))).map(addCaRequest),
    ...after.conns.filter((conn) => !known.has(identityOf(conn))).flatMap((conn) => addConnRequests(conn, after.setup)),
  ];
}

/** Reload: everything is deleted and then everything is added. */
export function reloadRequests(before: StarterConfig, after: StarterConfig): Uint8Array[] {
  return [
    ...before.conns.flatMap(delConnRequests),
    ...before.cas.filter((ca) => ca.auto !== "ignore").map((ca) => delCaRequest(ca.name)),
    ...loadRequests(after),
  ];
}

/** Everything about a section but where it stands. */
function identityOf(section: object): string {
  return JSON.stringify(section, (key, value: unknown) =>
    key === "file" || key === "line" ? undefined : typeof value === "bigint" ? `${value}n` : value,
  );
}
