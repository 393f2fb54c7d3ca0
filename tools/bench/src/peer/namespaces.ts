import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Resources } from "../resources.js";

export type Role = "initiator" | "responder";

/** Addresses of the two hosts, which have them for themselves. */
export const ADDRESSES: Readonly<Record<Role, string>> = { initiator: "192.0.2.1", responder: "192.0.2.2" };
const ROLES = Object.keys(ADDRESSES) as Role[];
/** The link's end on either host. */
const LINK = "veth";

/**
 * Two network namespaces, joined by a pair of veth interfaces. They have no names: each is there as long as processes are in it, the first of which
 * ends with this one, however that ends. So nothing stays of a bench that was killed.
 */
export class Namespaces {
  private constructor(private readonly holders: Readonly<Record<Role, ChildProcess>>) {}

  /** @param resources removes them with all that is in them */
  static async create(resources: Resources): Promise<Namespaces> {
    const namespaces = new Namespaces({ initiator: hold(), responder: hold() });
    resources.hold({ release: () => namespaces.#remove(), drop: () => namespaces.#drop() });
    await Promise.all(ROLES.map((role) => isThere(namespaces.holders[role])));
    const [one, other] = ROLES.map((role) => String(namespaces.holders[role].pid));
    ip("link", "add", LINK, "netns", one!, "type", "veth", "peer", "name", LINK, "netns", other!);
    for (const role of ROLES) {
      const inside = (...args: string[]): void => run([...namespaces.on(role), "ip", ...args]);
      inside("link", "set", "lo", "up");
      inside("addr", "add", `${ADDRESSES[role]}/24`, "dev", LINK);
      inside("link", "set", LINK, "up");
    }
    return namespaces;
  }

  /** What goes in front of a command to run it on a host. It becomes the command: the process stays the same one. */
  on(role: Role): readonly string[] {
    return ["nsenter", `--net=/proc/${this.holders[role].pid}/ns/net`];
  }

  async #remove(): Promise<void> {
    this.#drop();
    await Promise.all(ROLES.map((role) => hasEnded(this.holders[role])));
  }

  #drop(): void {
    for (const role of ROLES) this.holders[role].kill("SIGKILL");
  }
}

/** A process in a namespace of its own that ends when nobody can write to it any more. */
function hold(): ChildProcess {
  const holder = spawn("unshare", ["--net", "cat"], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  // It is told by `isThere`, and to those who use the namespace.
  holder.on("error", () => undefined);
  holder.stdin.on("error", () => undefined);
  return holder;
}

/** Waits until it copies what it gets: it has its namespace then. @throws when it ended before */
async function isThere(holder: ChildProcess): Promise<void> {
  holder.stdin!.write("x");
  const [chunk] = (await Promise.race([once(holder.stdout!, "data"), once(holder.stdout!, "close")])) as [unknown?];
  if (chunk === undefined) throw new Error("unshare made no network namespace");
}

async function hasEnded(holder: ChildProcess): Promise<void> {
  if (holder.pid !== undefined && holder.exitCode === null && holder.signalCode === null) await once(holder, "exit");
}

function ip(...args: string[]): void {
  run(["ip", ...args]);
}

function run([command, ...args]: readonly string[]): void {
  execFileSync(command!, args, { stdio: ["ignore", "ignore", "pipe"] });
}
