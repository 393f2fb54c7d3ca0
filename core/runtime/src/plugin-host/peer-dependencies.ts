import { existsSync, realpathSync } from "node:fs";
import { PluginError } from "@cygnet/plugin-api";
import { PackageManifest, packageFolder } from "./package-manifest.js";

/** What plugins import of the daemon. Its version is the daemon's, whichever copy lies beside the plugin. */
const PLUGIN_API_PACKAGE = "@cygnet/plugin-api";
/** A release candidate of a daemon is in the ranges that the release will be in. */
const INCLUDING_CANDIDATES = { includePrerelease: true } as const;

/** Where the packages of a plugin are looked for. */
export interface PeerFolders {
  /** The plugin's own. */
  readonly plugin: string;
  /** The daemon's. */
  readonly daemon: string;
}

/**
 * Compares the peer dependencies of a plugin with what there is. Ranges that are none, as those of workspaces, and packages without a version are
 * taken as they are.
 *
 * @throws {PluginError} CYG_PLUGIN_PEER for one that Node.js would not find from the plugin, or that is out of the range
 */
export async function checkPeers(plugin: string, { peers }: PackageManifest, folders: PeerFolders): Promise<void> {
  // Links are followed before packages are looked for.
  const from = existsSync(folders.plugin) ? realpathSync(folders.plugin) : folders.plugin;
  for (const [peer, range] of peers) {
    const found = packageFolder(peer, from);
    if (found === undefined) {
      throw new PluginError(
        "CYG_PLUGIN_PEER",
        plugin,
        `its peer dependency '${peer}' is not installed: install it with npm in ${from}, or where that is installed`,
      );
    }
    const isApi = peer === PLUGIN_API_PACKAGE;
    const { version } = new PackageManifest(plugin, (isApi ? packageFolder(peer, folders.daemon) : undefined) ?? found).facts;
    const place = version === undefined ? undefined : await placeInRange(version, range);
    if (place === undefined || place === "within") continue;
    throw new PluginError(
      "CYG_PLUGIN_PEER",
      plugin,
      isApi
        ? `its peer dependency '${peer}' has to be ${range}, and this daemon has ${version}: ${RELEASES[place]}`
        : `its peer dependency '${peer}' has to be ${range}, and ${version} is installed in ${found}: install one of that range with npm in ${from}`,
    );
  }
}

/** What helps where the daemon is not in the range of the plugin, by the side on which it is. */
const RELEASES = {
  above: "install a newer release of the plugin",
  below: "install an older release of the plugin, or a newer one of the daemon",
  between: "install another release of the plugin",
} as const;

/** Undefined for what is no version, or no range of them. The package is read when the first plugin with peers is, as most have none. */
async function placeInRange(version: string, range: string): Promise<keyof typeof RELEASES | "within" | undefined> {
  const { default: semver } = await import("semver");
  if (semver.valid(version) === null || semver.validRange(range) === null) return undefined;
  if (semver.satisfies(version, range, INCLUDING_CANDIDATES)) return "within";
  if (semver.gtr(version, range, INCLUDING_CANDIDATES)) return "above";
  return semver.ltr(version, range, INCLUDING_CANDIDATES) ? "below" : "between";
}
