import { isDeepStrictEqual } from "node:util";
import { CygnetError, LogGroup, encodeAttribute } from "@cygnet/plugin-api";
import type { Attribute, AttributeManager, Logger, PoolDefinition } from "@cygnet/plugin-api";
import type { Section } from "@cygnet/vici";
import { CommandFailed } from "./command-failed.js";

const NAMED = ["address", "dns", "nbns", "dhcp", "netmask", "server", "subnet", "split_include", "split_exclude"];

/** The pools of addresses and attributes that were loaded over the vici socket. Changes are made one after the other. */
export class ViciPools {
  readonly #loaded = new Map<string, PoolDefinition>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly attributes: AttributeManager,
    private readonly log: Logger,
  ) {}

  names(): readonly string[] {
    return [...this.#loaded.keys()];
  }

  /**
   * Adds a pool, or puts it in the place of the one of its name; one with the same addresses keeps its leases.
   * @throws {CommandFailed} nothing has changed then
   */
  load(name: string, section: Section): Promise<void> {
    return this.#inOrder(async () => {
      const pool = readPool(name, section);
      const old = this.#loaded.get(name);
      if (old && isDeepStrictEqual(old, pool)) return;
      if (old?.addresses === pool.addresses && this.attributes.setPoolAttributes(name, pool.attributes)) {
        this.#loaded.set(name, pool);
        this.log.log(LogGroup.CFG, 1, `updated vici pool ${name}`);
        return;
      }
      if (old && !(await this.attributes.removePool(name)))
        throw new CommandFailed(`vici pool ${name} has online leases, unable to replace`);
      try {
        this.attributes.addPool(pool);
      } catch (error) {
        if (old) this.attributes.addPool(old);
        if (!(error instanceof CygnetError)) throw error;
        this.log.log(LogGroup.CFG, 1, `vici pool '${name}' not loaded, ${error.message}`);
        throw new CommandFailed(error.code === "CYG_POOL_SYNTAX" ? "invalid addrs value" : error.message);
      }
      this.#loaded.set(name, pool);
      this.log.log(LogGroup.CFG, 1, `${old ? "replaced" : "added"} vici pool ${name}`);
    });
  }

  /** @throws {CommandFailed} where there is none, or it is in use */
  unload(name: string): Promise<void> {
    return this.#inOrder(async () => {
      if (!this.#loaded.has(name)) throw new CommandFailed(`${name} not found`);
      if (!(await this.attributes.removePool(name))) throw new CommandFailed(`${name} has online leases, unable to unload`);
      this.#loaded.delete(name);
    });
  }

  /** Removes all that can be removed. */
  clear(): Promise<void> {
    return this.#inOrder(async () => {
      for (const name of this.#loaded.keys()) await this.attributes.removePool(name);
      this.#loaded.clear();
    });
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function readPool(name: string, section: Section): PoolDefinition {
  let addresses: string | undefined;
  const attributes: Attribute[] = [];
  for (const key of section.names) {
    const values = valuesOf(section, key);
    if (!values) throw new CommandFailed(`invalid attribute: ${key}`);
    if (key === "addrs") {
      if (addresses !== undefined || values.length > 1) throw new CommandFailed("multiple addrs defined");
      if (values.length === 0) throw new CommandFailed("invalid addrs value");
      addresses = values[0];
    } else attributes.push(...values.map((value) => attribute(key, value)));
  }
  if (addresses === undefined) throw new CommandFailed(`missing addrs for pool '${name}'`);
  return { name, addresses, attributes };
}

function attribute(key: string, value: string): Attribute {
  if (!NAMED.includes(key) && !/^\d+$/.test(key)) throw new CommandFailed(`invalid attribute: ${key}`);
  const encoded = encodeAttribute(key.replace("_", "-"), value);
  if ("problem" in encoded) throw new CommandFailed(`invalid attribute value for ${key}`);
  return encoded;
}

/** One value or a list of them, with commas or without. */
function valuesOf(section: Section, key: string): readonly string[] | undefined {
  const text = section.text(key);
  const items = section.list(key) ?? (text === undefined ? undefined : [text]);
  return items
    ?.flatMap((item) => item.split(","))
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
