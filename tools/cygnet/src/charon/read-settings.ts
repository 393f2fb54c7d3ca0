import { ConfigError, loadSettings, settingsPath } from "@cygnet/settings";
import type { ParseResult } from "@cygnet/settings";

/** Path of strongswan.conf: what the command line says, else the environment, else the built-in one. */
export function confPath(conf: string | undefined): string {
  return conf ?? settingsPath(process.env);
}

/**
 * The lines for a strongswan.conf that cannot be used: what strongSwan prints, then one line with file, line and reason.
 */
export function describeConfError(error: unknown): string[] {
  const lines =
    error instanceof ConfigError ? error.log.filter(({ level }) => level === 1).map(({ message }) => `00[CFG] ${message}`) : [];
  return [...lines, `00[LIB] abort initialization due to invalid configuration: ${(error as Error).message}`];
}

/** Whether an error means that strongswan.conf is at fault, be it its syntax or the value of an option. */
export function isConfError(error: unknown): boolean {
  return error instanceof ConfigError || (error as { code?: unknown } | undefined)?.code === "CYG_OPTION_VALUE";
}

/** @throws {ConfigError} */
export function readSettings(path: string): ParseResult {
  return loadSettings(path);
}
