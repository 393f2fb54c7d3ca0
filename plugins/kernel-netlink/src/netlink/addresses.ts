import { Host } from "@cygnet/plugin-api";
import { AF_INET, AF_INET6 } from "./constants.js";
import type { MessageReader } from "./message-reader.js";

export const familyNumber = (family: 4 | 6): number => (family === 4 ? AF_INET : AF_INET6);

/** @returns undefined for other families than IPv4 and IPv6 */
export const familyOf = (number: number): 4 | 6 | undefined => (number === AF_INET ? 4 : number === AF_INET6 ? 6 : undefined);

/** The address at `at`, which has room for one of either family. */
export function readHost(reader: MessageReader, at: number, family: 4 | 6, port = 0): Host {
  return new Host(family, reader.bytes(at, family === 4 ? 4 : 16), port);
}
