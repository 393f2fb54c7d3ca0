import { CygnetError } from "@cygnet/plugin-api";

/** What a control socket's URI names. */
export type StreamAddress =
  { readonly kind: "unix"; readonly path: string } | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Longest path of a unix socket: sun_path without its terminating zero. Node.js would cut a longer one. */
const MAX_UNIX_PATH = 107;

/**
 * Parses `unix:///path`, `tcp://host:port` and `tcp://[v6]:port`; port 0 lets the kernel choose.
 * @throws {CygnetError} CYG_STREAM_URI
 */
export function parseStreamUri(uri: string): StreamAddress {
  if (uri.startsWith("unix://")) return unixAddress(uri, uri.slice("unix://".length));
  const tcp = /^tcp:\/\/(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(uri);
  if (!tcp) throw new CygnetError("CYG_STREAM_URI", `'${uri}' is neither unix://PATH nor tcp://HOST:PORT`);
  const port = Number(tcp[3]);
  if (port > 65_535) throw new CygnetError("CYG_STREAM_URI", `'${uri}': ${port} is no port`);
  return { kind: "tcp", host: tcp[1] ?? tcp[2], port };
}

function unixAddress(uri: string, path: string): StreamAddress {
  if (path === "") throw new CygnetError("CYG_STREAM_URI", `'${uri}' has no path`);
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_UNIX_PATH) {
    throw new CygnetError("CYG_STREAM_URI", `'${uri}': the path has ${bytes} octets, a unix socket's may have ${MAX_UNIX_PATH}`);
  }
  return { kind: "unix", path };
}
