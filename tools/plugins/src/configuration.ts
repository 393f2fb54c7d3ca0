import { UsageError } from "@cygnet/command";
import { PackageSource } from "@cygnet/runtime";
import { ConfigError, Settings, loadSettings, settingsPath, withNamespace } from "@cygnet/settings";
import type { SettingsView } from "@cygnet/settings";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { PluginsArguments } from "./arguments.js";

/** A strongswan.conf, as the daemon would read it. */
export interface Configuration {
  /** Unset where no file is named and there is none: all is as built in then. */
  readonly path: string | undefined;
  readonly settings: Settings;
  /** What the daemon would say of included files: that one cannot be opened, or includes itself. */
  readonly warnings: readonly string[];
  /** The daemon's section. */
  readonly charon: SettingsView;
  /** Where plugin packages are looked for, as the daemon does. */
  readonly pluginFolders: readonly string[];
}

/** @throws {UsageError} for a file that cannot be used, with line and column */
export function readConfiguration({ conf, namespace }: PluginsArguments): Configuration {
  const path = conf ?? settingsPath(process.env);
  const isThere = conf !== undefined || existsSync(path);
  const { settings, warnings } = isThere ? load(path) : { settings: Settings.empty, warnings: [] };
  return {
    path: isThere ? path : undefined,
    settings,
    warnings: warnings.map(({ message }) => message),
    charon: withNamespace(settings, namespace).section(namespace),
    pluginFolders: [dirname(path), process.cwd()],
  };
}

/** The packages that the daemon would look for plugins in. */
export function packagesOf({ pluginFolders }: Configuration): PackageSource {
  return new PackageSource({ folders: pluginFolders });
}

function load(path: string): ReturnType<typeof loadSettings> {
  try {
    return loadSettings(path);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
