import { Host } from "@cygnet/plugin-api";
import type { Clock } from "@cygnet/plugin-api";
import { networkInterfaces } from "node:os";

/** What `charon.interfaces_use` and `charon.interfaces_ignore` say. */
export interface InterfaceChoice {
  readonly use: readonly string[];
  /** Counts only where `use` is empty. */
  readonly ignore: readonly string[];
}

/** How old the list of addresses may be. An address that comes or goes is noticed that late. */
const FRESH_MS = 1000;

/** Whether not all interfaces are used. */
export function hasChoice({ use, ignore }: InterfaceChoice): boolean {
  return use.length + ignore.length > 0;
}

/** Whether an interface may be used. */
export function isUsable({ use, ignore }: InterfaceChoice, name: string): boolean {
  return use.length > 0 ? use.includes(name) : !ignore.includes(name);
}

/** The addresses of the interfaces that may be used. */
export class UsableInterfaces {
  #addresses = new Set<string>();
  #readAtMs = -Infinity;

  constructor(
    private readonly choice: InterfaceChoice,
    private readonly clock: Clock,
    private readonly read: typeof networkInterfaces = networkInterfaces,
  ) {}

  /** Whether an address of this host is on an interface that may be used; those that the host does not have are not. */
  has(address: Host): boolean {
    const { nowMs } = this.clock;
    if (nowMs - this.#readAtMs >= FRESH_MS) {
      this.#readAtMs = nowMs;
      this.#addresses = this.#list();
    }
    return this.#addresses.has(address.toString());
  }

  #list(): Set<string> {
    const usable = Object.entries(this.read()).filter(([name]) => isUsable(this.choice, name));
    return new Set(usable.flatMap(([, entries = []]) => entries.map(({ address }) => String(Host.parse(address)))));
  }
}
