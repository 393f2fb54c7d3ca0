import { SwanctlExit } from "../context.js";
import type { Context, Run } from "../context.js";
import { loadSwanctlConf } from "./conf-file.js";
import { loadCreds } from "./load-creds.js";
import { loadSections } from "./load-sections.js";
import type { SectionKind } from "./load-sections.js";
import { AUTHORITIES, CONNECTIONS, POOLS } from "./section-kinds.js";

const load =
  (kind: SectionKind): Run =>
  (context) =>
    loadSections(context, loadSwanctlConf(context), kind);

export const loadConnections: Run = load(CONNECTIONS);
export const loadAuthorities: Run = load(AUTHORITIES);
export const loadPools: Run = load(POOLS);
export const loadCredentials: Run = (context) => loadCreds(context, loadSwanctlConf(context));

/** Credentials, authorities, pools, connections; ends with the first step that fails, as later ones need it. */
export const loadAll: Run = async (context: Context) => {
  const settings = loadSwanctlConf(context);
  const credentials = await loadCreds(context, settings);
  if (credentials !== SwanctlExit.OK) return credentials;
  for (const kind of [AUTHORITIES, POOLS, CONNECTIONS]) {
    const code = await loadSections(context, settings, kind);
    if (code !== SwanctlExit.OK) return code;
  }
  return SwanctlExit.OK;
};
