import type { NetConnectOpts } from "node:net";
import { ViciError } from "./vici-error.js";

/** Where charon listens unless `charon.plugins.vici.socket` says otherwise. */
export const DEFAULT_URI = "unix:///var/run/charon.vici";

/**
 * `unix://PATH`, or `tcp://HOST:PORT` with IPv6 addresses in brackets.
 * @throws {ViciError} CYG_VICI_URI
 */
export function parseUri(uri: string): NetConnectOpts {
  if (uri.startsWith("unix://") && uri.length > "unix://".length) return { path: uri.slice("unix://".length) };
  const tcp = /^tcp:\/\/(?:\[(?<v6>[\da-fA-F:.]+)\]|(?<host>[^:/[\]]+)):(?<port>\d{1,5})$/.exec(uri)?.groups;
  const port = Number(tcp?.port);
  if (tcp === undefined || port === 0 || port > 0xffff)
    throw new ViciError("CYG_VICI_URI", `'${uri}' is neither unix://PATH nor tcp://HOST:PORT`);
  return { host: tcp.v6 ?? tcp.host!, port };
}
