import { existsSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_STROKE_URI } from "@cygnet/starter";
import { loadSettings, settingsPath, withNamespace } from "@cygnet/settings";
import type { SettingsView } from "@cygnet/settings";
import { DEFAULT_PID_DIR } from "../pid-dir.js";
import type { IpsecArguments } from "./ipsec-arguments.js";

/** Where strongswan.conf is, by the command line, else the environment. */
export function strongswanConf(args: IpsecArguments): string {
  return args.strongswanConf ?? settingsPath(process.env);
}

/**
 * A section of strongswan.conf, for commands that only want to know where something is.
 * @throws {ConfigError} as `loadSettings`, except for a file that is not there, which has nothing to say
 */
export function readSection(args: IpsecArguments, namespace: string): SettingsView | undefined {
  const path = strongswanConf(args);
  if (args.strongswanConf === undefined && !existsSync(path)) return undefined;
  return withNamespace(loadSettings(path).settings, namespace).section(namespace);
}

/** Address of the daemon's stroke socket. @throws {ConfigError} where strongswan.conf has to be asked and is broken */
export function strokeUri(args: IpsecArguments): string {
  if (args.socket !== undefined) return args.socket;
  // `DEFAULT_STROKE_URI` is in the default folder.
  const configured = readSection(args, "charon")?.section(["plugins", "stroke"]).getString("socket");
  return configured ?? (args.pidDir === DEFAULT_PID_DIR ? DEFAULT_STROKE_URI : `unix://${join(args.pidDir, "charon.ctl")}`);
}

/** Pid files of the daemon and of starter. */
export function pidFiles(pidDir: string, daemon = "charon"): { readonly daemon: string; readonly starter: string } {
  return { daemon: join(pidDir, `${daemon}.pid`), starter: join(pidDir, `starter.${daemon}.pid`) };
}
