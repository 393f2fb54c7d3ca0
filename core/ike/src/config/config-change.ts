import type { PeerDefinition } from "@cygnet/plugin-api";

/** What control tells the shards about connections. Plain data. */
export type ConfigChange =
  | { readonly op: "add"; readonly backend: string; readonly peer: PeerDefinition }
  | { readonly op: "remove"; readonly backend: string; readonly name: string }
  /** The addresses of a host name as strings, none when it does not resolve any more. */
  | { readonly op: "resolve"; readonly name: string; readonly addresses: readonly string[] };
