/**
 * Turns effective sections into the typed configuration, telling everything that is wrong on the way.
 */

import type { ConfMessage } from "./conf-message.js";
import type { RawSection, RawSetting } from "./conf-parser.js";
import type { EffectiveConf, EffectiveSection } from "./inheritance.js";
import { CA_KEYWORDS, CONN_KEYWORDS, defaultsOf, END_KEYWORDS, endKeyword, isKnownKeyword } from "./keywords.js";
import { REMOVED_KEYWORDS, SETUP_KEYWORDS } from "./keywords.js";
import type { Keyword } from "./keywords.js";
import type { NameDatabase } from "./name-database.js";
import type { CaConfig, ConnConfig, EndConfig, SetupConfig, StarterConfig } from "./starter-config.js";
import { BadValue } from "./value-types.js";

/** The configuration without its broken sections, and how much was wrong. */
export interface Interpretation {
  readonly config: StarterConfig;
  /** Everything that was told, unknown and removed keywords included. */
  readonly errors: number;
  /** Errors in `config setup`; with any of them the daemon must not be started. */
  readonly fatal: number;
}

/** Interprets all sections in strongSwan's order: setup, cas, conns; within a section by keyword. */
export function interpret(conf: EffectiveConf, names: NameDatabase, messages: ConfMessage[]): Interpretation {
  const run = new Interpreter(names, messages);
  const setup = defaultsOf(SETUP_KEYWORDS) as SetupConfig;
  const fatal = conf.setup === undefined ? 0 : run.setup(conf.setup, setup);
  const cas = conf.cas.map((section) => run.ca(section)).filter((ca) => ca !== undefined);
  const conns = conf.conns.map((section) => run.conn(section)).filter((conn) => conn !== undefined);
  if (run.errors > 0) {
    const place = conf.setup?.section.file ?? conf.cas[0]?.section.file ?? conf.conns[0]?.section.file ?? "";
    run.say({ file: place, line: 0 }, fatal > 0 ? "error" : "warning", `### ${plural(run.errors)} (${fatal} fatal) ###`);
  }
  return { config: { setup, conns, cas }, errors: run.errors, fatal };
}

/** The configuration of a conn without any setting. */
export function defaultConn(name: string, file = "", line = 0): ConnConfig {
  const end = (): EndConfig => defaultsOf(END_KEYWORDS) as EndConfig;
  return { ...(defaultsOf(CONN_KEYWORDS) as ConnConfig), name, file, line, left: end(), right: end() };
}

type Place = Pick<RawSetting, "file" | "line">;

class Interpreter {
  errors = 0;
  readonly #names: NameDatabase;
  readonly #messages: ConfMessage[];

  constructor(names: NameDatabase, messages: ConfMessage[]) {
    this.#names = names;
    this.#messages = messages;
  }

  setup({ section, settings }: EffectiveSection, target: SetupConfig): number {
    let bad = 0;
    for (const setting of settings) {
      if (Object.hasOwn(SETUP_KEYWORDS, setting.key)) bad += this.#apply(SETUP_KEYWORDS[setting.key], target, setting, section);
      else bad += this.#foreign(setting, section);
    }
    return bad;
  }

  ca({ section, settings }: EffectiveSection): CaConfig | undefined {
    const { name, file, line } = section;
    const target: CaConfig = { ...(defaultsOf(CA_KEYWORDS) as CaConfig), name, file, line };
    let bad = 0;
    for (const setting of settings) {
      if (Object.hasOwn(CA_KEYWORDS, setting.key)) bad += this.#apply(CA_KEYWORDS[setting.key], target, setting, section);
      else bad += this.#foreign(setting, section);
    }
    return this.#verdict(section, bad) ? target : undefined;
  }

  conn({ section, settings }: EffectiveSection): ConnConfig | undefined {
    const target = defaultConn(section.name, section.file, section.line);
    let bad = 0;
    for (const setting of settings) {
      const ofEnd = endKeyword(setting.key);
      if (ofEnd !== undefined) bad += this.#apply(ofEnd.keyword, target[ofEnd.end], setting, section);
      else if (Object.hasOwn(CONN_KEYWORDS, setting.key))
        bad += this.#apply(CONN_KEYWORDS[setting.key], target, setting, section);
      else bad += this.#foreign(setting, section);
    }
    for (const end of ["left", "right"] as const) {
      if (!target[end].firewall || target[end].updown === null) continue;
      const place = settings.find((setting) => setting.key === `${end}firewall`) ?? section;
      this.#error(place, `# cannot have both ${end}firewall and ${end}updown`);
      bad += 1;
    }
    return this.#verdict(section, bad) ? target : undefined;
  }

  say({ file, line }: Place, level: ConfMessage["level"], text: string): void {
    this.#messages.push({ file, line, level, text });
  }

  #error(place: Place, text: string): void {
    this.errors += 1;
    this.say(place, "error", text);
  }

  #apply<T>(keyword: Keyword<T>, target: T, setting: RawSetting, section: RawSection): 0 | 1 {
    try {
      keyword.apply(target, setting.value ?? "", setting.key, this.#names);
      return 0;
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      this.#error(setting, error.text);
      if (error.isArgument) this.say(setting, "error", `  bad argument value in ${title(section)}`);
      return 1;
    }
  }

  /** A keyword that the section does not have: removed, at home elsewhere (which is an error), or unknown. */
  #foreign(setting: RawSetting, section: RawSection): 0 | 1 {
    const removed = REMOVED_KEYWORDS[section.kind];
    if (Object.hasOwn(removed, setting.key)) {
      this.errors += 1;
      this.say(setting, "warning", `# deprecated keyword '${setting.key}' in ${title(section)}`);
      const hint = removed[setting.key];
      if (hint !== null) this.say(setting, "warning", hint);
      return 0;
    }
    if (isKnownKeyword(setting.key)) {
      this.#error(setting, `# unsupported keyword '${setting.key}' in ${title(section)}`);
      return 1;
    }
    this.errors += 1;
    this.say(setting, "warning", `# unknown keyword '${setting.key}'`);
    return 0;
  }

  #verdict(section: RawSection, bad: number): boolean {
    if (bad > 0) this.say(section, "error", `# ignored ${title(section)} due to ${plural(bad)}`);
    return bad === 0;
  }
}

function title(section: RawSection): string {
  return section.kind === "setup" ? "config setup" : `${section.kind} '${section.name}'`;
}

function plural(count: number): string {
  return `${count} parsing error${count === 1 ? "" : "s"}`;
}
