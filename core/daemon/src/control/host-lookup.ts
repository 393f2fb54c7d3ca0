import { Host } from "@cygnet/plugin-api";
import { execFile } from "node:child_process";
import type { ExecFileException } from "node:child_process";

/** Finds the addresses of a host name. @throws when there are none, or once `signal` says that nobody waits any more */
export type HostLookup = (name: string, signal: AbortSignal) => Promise<readonly Host[]>;

/**
 * Asks what the system asks, in its order: /etc/hosts, the name servers with search domains, and whatever else nsswitch.conf names.
 *
 * In a process of its own. Node's look-up runs on the threads that also write files, and a process cannot end before one that a silent name
 * server holds up.
 */
export const systemLookup: HostLookup = (name, signal) =>
  new Promise((resolve, reject) => {
    execFile("getent", ["ahosts", "--", name], { signal, encoding: "utf8" }, (error, output) => {
      const hosts = addressesOf(output);
      if (hosts.length > 0) return resolve(hosts);
      reject(new Error(reason(error), { cause: error }));
    });
  });

function reason(error: ExecFileException | null): string {
  if (error?.code === "ENOENT") return "there is no program getent";
  return error?.signal ? `getent was ended by ${error.signal}` : "no address found";
}

/** Each line has an address, then the kind of socket, and the name on the first one. */
function addressesOf(output: string): readonly Host[] {
  const texts = new Set(output.split("\n").map((line) => line.split(/\s/, 1)[0]!));
  return Array.from(texts, (text) => Host.parse(text)).filter((host) => host !== undefined);
}
