import { isAbsolute } from "node:path";
import { CygnetError, PLUGIN_API, PLUGIN_API_VERSION } from "@cygnet/plugin-api";
import { symbol } from "./plugin-symbol.js";

/** Why a module is no plugin for this daemon, in strongSwan's words where it has some, and what helps. Undefined for a plugin that is one. */
export function definitionFault(name: string, exported: unknown): string | undefined {
  if (typeof exported !== "object" || exported === null)
    return `${symbol(name)}_create not found: the module must export the plugin as default`;
  const { name: own, api, features } = exported as Readonly<Record<string, unknown>>;
  if (typeof features !== "function") return `${symbol(name)}_create not found: what the module exports has no features`;
  if (own !== name) return `the package defines plugin '${String(own)}': load it by that name`;
  if (api === undefined) return `version field ${symbol(name)}_version missing: state 'api: ${PLUGIN_API}'`;
  const needed = versionOf(api);
  const [major, minor] = versionOf(PLUGIN_API_VERSION) as Version;
  if (needed && needed[0] === major && needed[1] <= minor) return undefined;
  const isNewer = needed !== undefined && needed[0] >= major;
  const remedy = isNewer
    ? "install an older release of the plugin, or a newer one of the daemon"
    : "install a newer release of the plugin";
  const ours = typeof api === "number" ? PLUGIN_API : PLUGIN_API_VERSION;
  return `plugin version ${String(api)} doesn't match version ${ours}: ${remedy}`;
}

const LOCATIONS: readonly unknown[] = ["shard", "control", "both"];

/** Why what `features` returned are none, and what helps. Undefined for those that are. */
export function featuresFault(features: unknown): string | undefined {
  if (!Array.isArray(features)) return "its features are no list: have 'features' return an array";
  for (const [at, feature] of features.entries()) {
    const { provides, register, on = "shard" } = (feature ?? {}) as Readonly<Record<string, unknown>>;
    const type = (provides as { readonly type?: unknown } | undefined)?.type;
    if (typeof type !== "string" || !String(provides).startsWith(type))
      return `its feature number ${at + 1} has no name: make 'provides' with custom() or one of its siblings`;
    if (typeof register !== "function")
      return `its feature ${String(provides)} has no function 'register': add one, that returns its own undo`;
    if (!LOCATIONS.includes(on))
      return `its feature ${String(provides)} is on '${String(on)}', which is no place: have it on "shard", "control" or "both"`;
  }
  return undefined;
}

type Version = readonly [major: number, minor: number];

/** Of the plugin API: a major version, or both as a text. Undefined for what is neither. */
function versionOf(api: unknown): Version | undefined {
  if (typeof api === "number") return Number.isInteger(api) ? [api, 0] : undefined;
  const parts = typeof api === "string" ? /^(\d{1,6})\.(\d{1,6})$/.exec(api) : null;
  return parts ? [Number(parts[1]), Number(parts[2])] : undefined;
}

/** Why importing a plugin failed, in one line, and what helps where that is known. */
export function importFault(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").trim();
  if (error instanceof CygnetError) return text;
  const module = /The module '([^']+)' was compiled against a different Node\.js version using NODE_MODULE_VERSION (\d+)/.exec(
    text,
  );
  if (module) {
    const [, file, built] = module;
    const needed = process.versions.modules;
    return `${file} was built for another Node.js (module version ${built}, this one has ${needed}): run 'npm rebuild' where it is installed`;
  }
  const missing = /Cannot find (?:package|module) '([^']+)'/.exec(text);
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (missing && (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND")) {
    const name = missing[1]!;
    return isAbsolute(name)
      ? `there is no ${name}: build the plugin, or correct what its package.json names`
      : `it needs '${name}', which is not installed: install it with npm where the plugin is`;
  }
  if (code === "ERR_DLOPEN_FAILED") return `${text}: run 'npm rebuild' where it is installed`;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") return `${text}: build the plugin, and have its package.json name the JavaScript`;
  // Node.js keeps the place to itself.
  return error instanceof SyntaxError ? `${text}: 'node --check FILE' says where, for each of its modules` : text;
}
