import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Resources } from "../resources.js";

export type Role = "initiator" | "responder";

/** Addresses of the two hosts, which have them for themselves. */
export const ADDRESSES: Readonly<Record<Role, string>> = { initiator: "192.0.2.1", responder: "192.0.2.2" };
const ROLES = Object.keys(ADDRESSES) as Role[];
/** The link's end on either host. */
const LINK = "veth";
const NAME = /^cygnet-bench-(\d+)-/;

/** Two network namespaces, joined by a pair of veth interfaces. Named after this process, so that another bench has its own. */
export class Namespaces {
  /** @param resources removes them with all that is in them */
  static create(resources: Resources): Namespaces {
    removeStale();
    const namespaces = new Namespaces();
    const remove = (): void => namespaces.#remove();
    resources.hold({ release: remove, drop: remove });
    for (const role of ROLES) ip("netns", "add", nameOf(role));
    ip("link", "add", LINK, "netns", nameOf("initiator"), "type", "veth", "peer", "name", LINK, "netns", nameOf("responder"));
    for (const role of ROLES) {
      const inside = (...args: string[]): void => ip("-n", nameOf(role), ...args);
      inside("link", "set", "lo", "up");
      inside("addr", "add", `${ADDRESSES[role]}/24`, "dev", LINK);
      inside("link", "set", LINK, "up");
    }
    return namespaces;
  }

  /** What goes in front of a command to run it on a host. It becomes the command: the process stays the same one. */
  on(role: Role): readonly string[] {
    return ["ip", "netns", "exec", nameOf(role)];
  }

  #remove(): void {
    const there = names();
    for (const role of ROLES) if (there.includes(nameOf(role))) ip("netns", "del", nameOf(role));
  }
}

function nameOf(role: Role): string {
  return `cygnet-bench-${process.pid}-${role}`;
}

/** Those of a bench that was killed and had no time to. */
function removeStale(): void {
  for (const name of names()) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && pid !== String(process.pid) && !existsSync(`/proc/${pid}`)) ip("netns", "del", name);
  }
}

function names(): string[] {
  // It complains of namespaces that others are just removing.
  return execFileSync("ip", ["netns", "list"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
    .split("\n")
    .map((line) => line.split(" ")[0]);
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}
