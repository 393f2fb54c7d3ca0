import type { NetConnectOpts } from "node:net";

/** Where charon listens unless `charon.plugins.stroke.socket` says otherwise. */
export const DEFAULT_STROKE_URI = "unix:///var/run/charon.ctl";

/**
 * Address of a stroke server for node:net, from `unix://PATH`, `tcp://HOST:PORT` (IPv6 hosts in brackets) or a bare path.
 *
 * @returns `undefined` if the text is none of these
 */
export function parseStrokeUri(uri: string): NetConnectOpts | undefined {
  if (uri.startsWith("unix://")) return uri.length > 7 ? { path: uri.slice(7) } : undefined;
  if (uri.startsWith("/") || uri.startsWith("./")) return { path: uri };
  const tcp = /^tcp:\/\/(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(uri);
  if (tcp === null || Number(tcp[3]) > 65535) return undefined;
  return { host: tcp[1] ?? tcp[2], port: Number(tcp[3]) };
}
