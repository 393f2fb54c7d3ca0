/**
 * Where programs look for their settings.
 */

import type { Settings } from "./settings.js";

/** The namespace that every program falls back to. */
const LIBRARY = "libstrongswan";

/** The daemon's namespace, which its variants fall back to before the library's. */
const DAEMON = "charon";

const DAEMON_VARIANTS: readonly string[] = ["charon-systemd", "charon-svc"];

/**
 * Settings in which `namespace` (a program's own section: `charon`, `charon-systemd`, `swanctl`, `pki`, ...) falls back to the
 * sections that strongSwan gives that program. Options documented as `charon.x` are then read as `<namespace>.x`.
 *
 * @throws {ConfigError} CYG_SETTINGS_NAME if the namespace is empty
 */
export function withNamespace(settings: Settings, namespace: string): Settings {
  const targets = DAEMON_VARIANTS.includes(namespace) ? [DAEMON, LIBRARY] : [LIBRARY];
  return targets.reduce((result, to) => result.withFallback([namespace], [to]), settings);
}

/** Path of strongswan.conf: `STRONGSWAN_CONF` of the environment if set and not empty, else that file in `sysconfdir`. */
export function settingsPath(environment: Readonly<Record<string, string | undefined>>, sysconfdir = "/etc"): string {
  const configured = environment["STRONGSWAN_CONF"];
  return configured === undefined || configured === "" ? `${sysconfdir}/strongswan.conf` : configured;
}
