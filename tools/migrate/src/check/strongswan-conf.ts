import { CORE_PARTS, DEFAULT_PLUGINS, OTHER_PROGRAMS, STRONGSWAN_OPTIONS, charonGroups } from "@cygnet/daemon";
import { errorCode } from "@cygnet/plugin-api";
import type { Option, OptionTable } from "@cygnet/plugin-api";
import { readOptions } from "@cygnet/runtime";
import type { Settings } from "@cygnet/settings";
import { SWANCTL_OPTIONS } from "@cygnet/swanctl";
import { WORKS, unsupported } from "./verdict.js";
import type { Finding, Verdict } from "./verdict.js";

/** What a plugin says of its options. */
export interface DescribedPlugin {
  readonly options?: OptionTable;
  readonly charonOptions?: OptionTable;
}

/** Where options are described outside of this package. */
export interface OptionSources {
  /** @returns undefined if there is no such plugin */
  plugin(name: string): Promise<DescribedPlugin | undefined>;
  /** Those of the section `starter`. */
  readonly starter: OptionTable;
}

/** Options without effect here on purpose, by the path or the section around it. */
const IGNORED: Readonly<Record<string, string>> = {
  "charon.dlopen_use_rtld_now": "no shared objects are loaded",
  "charon.integrity_test": "there are no shared objects whose checksums could be tested",
  "charon.leak_detective": "memory is collected",
  "charon.host_resolver": "names are resolved by the runtime, without threads of one's own",
  "charon.ikesa_table_size": "tables grow by themselves",
  "charon.ikesa_table_segments": "each shard has IKE_SAs of its own, so there is nothing to lock",
  "swanctl.load": "cygnet swanctl needs no plugins",
};

/** Options that are acted on in another way than in strongSwan. */
const DIFFERS: Readonly<Record<string, string>> = {
  "charon.load": "plugins that this release does not have are named in the log and left out, unless marked critical",
};

/** Gives the verdict on an option of strongswan.conf by its path. */
export class OptionVerdicts {
  readonly #own = new Map<string, Option<unknown>>();
  readonly #known = new Set(STRONGSWAN_OPTIONS.map((option) => `charon.${option}`));
  readonly #open = new Set<string>();
  readonly #plugins = new Map<string, boolean>();
  readonly #sources: OptionSources;

  private constructor(sources: OptionSources) {
    this.#sources = sources;
    for (const { section, options } of charonGroups) this.#describe(section, options);
    this.#describe("starter", sources.starter);
    this.#describe("swanctl", SWANCTL_OPTIONS);
  }

  static async of(sources: OptionSources): Promise<OptionVerdicts> {
    const verdicts = new OptionVerdicts(sources);
    for (const name of DEFAULT_PLUGINS) await verdicts.#hasPlugin(name);
    return verdicts;
  }

  async verdict(path: readonly string[]): Promise<Verdict> {
    const name = path.join(".");
    const ignored = lookUp(IGNORED, path);
    if (ignored !== undefined) return { class: "ignored", why: ignored };
    const differs = lookUp(DIFFERS, path);
    if (differs !== undefined) return { class: "differs", why: differs };
    const [program, section, plugin] = path;
    if (program === "charon" && section === "plugins" && path.length > 3) {
      if (!(await this.#hasPlugin(plugin))) return unsupported(`this release has no plugin '${plugin}'`);
      if (path.length === 4 && (path[3] === "load" || path[3] === "package")) return WORKS;
    }
    if (find(this.#own.keys(), path) !== undefined) return WORKS;
    if (path.some((_part, at) => find(this.#open, path.slice(0, at)) !== undefined)) return WORKS;
    if (find(this.#known, path) !== undefined) return unsupported("an option of strongSwan that has no effect in this release");
    if (program !== "charon" && OTHER_PROGRAMS.has(program))
      return unsupported(`nothing in this release reads the section '${program}' for it`);
    return unsupported(`unknown option '${name}'`);
  }

  /** The verdict on an option as it is set: with a value that it cannot have, the daemon does not start, or its plugin does not. */
  async verdictOn(path: readonly string[], settings: Settings): Promise<Verdict> {
    const verdict = await this.verdict(path);
    const name = verdict === WORKS ? find(this.#own.keys(), path) : undefined;
    if (name === undefined) return verdict;
    const differences: string[] = [];
    try {
      const table = { [path.at(-1)!]: this.#own.get(name)! };
      readOptions(table, settings.section(path.slice(0, -1)), (message) => void differences.push(message));
    } catch (error) {
      if (errorCode(error) !== "CYG_OPTION_VALUE") throw error;
      return unsupported((error as Error).message);
    }
    const [why] = differences;
    return why === undefined ? verdict : { class: "differs", why };
  }

  async #hasPlugin(name: string): Promise<boolean> {
    const known = this.#plugins.get(name);
    if (known !== undefined) return known;
    const plugin = await this.#sources.plugin(name);
    const isThere = plugin !== undefined || CORE_PARTS.includes(name);
    this.#plugins.set(name, isThere);
    if (plugin?.options) this.#describe(`charon.plugins.${name}`, plugin.options);
    if (plugin?.charonOptions) this.#describe("charon", plugin.charonOptions);
    return isThere;
  }

  #describe(section: string, options: OptionTable): void {
    for (const [key, option] of Object.entries(options)) {
      if (option.type === "section") this.#open.add(`${section}.${key}`);
      else this.#own.set(`${section}.${key}`, option);
    }
  }
}

/** The verdicts on all keys of a strongswan.conf and what it includes, in its order. */
export async function checkStrongswanConf(settings: Settings, verdicts: OptionVerdicts): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { path, kind, origin } of settings.walk()) {
    if (kind !== "key" || origin === undefined) continue;
    findings.push({ file: origin.file, line: origin.line, key: path.join("."), ...(await verdicts.verdictOn(path, settings)) });
  }
  return findings;
}

function lookUp(table: Readonly<Record<string, string>>, path: readonly string[]): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const name = path.slice(0, length).join(".");
    if (Object.hasOwn(table, name)) return table[name];
  }
  return undefined;
}

/** The one of the names that a path has; words in capitals stand for any name. */
function find(names: Iterable<string>, path: readonly string[]): string | undefined {
  for (const name of names) {
    const parts = name.split(".");
    if (parts.length === path.length && parts.every((part, at) => part === path[at] || /^[A-Z]+$/.test(part))) return name;
  }
  return undefined;
}
