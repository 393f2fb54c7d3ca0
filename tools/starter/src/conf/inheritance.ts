/**
 * Applies `also=` and `%default`: gives each section its effective settings.
 */

import type { ConfMessage } from "./conf-message.js";
import { IpsecConfError } from "./ipsec-conf-error.js";
import type { RawConf, RawSection, RawSetting } from "./conf-parser.js";

const DEFAULT_NAME = "%default";
/** Longest chain of `also`; nobody writes that many, and the recursion must not exhaust the stack. */
const MAX_ALSO_DEPTH = 1000;

/**
 * A section with all that it inherits, without what is cleared: its own settings sorted by key, then those of each section that it
 * inherits from, nearest first. Values are applied in this order, as strongSwan does; it shows where two keywords fill one field: a
 * `keylife` in `%default` beats a conn's own `lifetime`.
 */
export interface EffectiveSection {
  readonly section: RawSection;
  readonly settings: readonly RawSetting[];
}

/** All sections but `%default`, in the order of the file. */
export interface EffectiveConf {
  readonly setup: EffectiveSection | undefined;
  readonly conns: readonly EffectiveSection[];
  readonly cas: readonly EffectiveSection[];
}

/**
 * Resolves inheritance. Own settings win, then what the last `also` leads to, then earlier ones; a section reached twice counts at its
 * last place; `%default` comes last, and its own `also` lines do not reach others.
 *
 * @throws {IpsecConfError} CYG_IPSEC_CONF_REFERENCE, after all such errors were added to `messages`
 */
export function resolveInheritance(conf: RawConf, messages: ConfMessage[]): EffectiveConf {
  const resolver = new Resolver(messages);
  const cas = resolver.sections(conf.cas);
  const conns = resolver.sections(conf.conns);
  if (resolver.failure !== undefined) throw resolver.failure;
  const setup = conf.setup === undefined ? undefined : { section: conf.setup, settings: effective([conf.setup]) };
  return { setup, conns, cas };
}

class Resolver {
  failure: IpsecConfError | undefined;
  readonly #messages: ConfMessage[];
  /** Sections that each one inherits from, nearest first; `null` while it is being found out. */
  readonly #ancestors = new Map<RawSection, readonly RawSection[] | null>();

  constructor(messages: ConfMessage[]) {
    this.#messages = messages;
  }

  sections(sections: ReadonlyMap<string, RawSection>): EffectiveSection[] {
    const defaults = sections.get(DEFAULT_NAME);
    const result: EffectiveSection[] = [];
    for (const section of sections.values()) {
      if (section === defaults) continue;
      const chain = [section, ...this.#expand(section, sections)];
      if (defaults !== undefined) chain.push(defaults);
      result.push({ section, settings: effective(chain) });
    }
    return result;
  }

  /** Depth is bounded by the number of sections; each is expanded once, so shared ancestors cost nothing extra. */
  #expand(section: RawSection, sections: ReadonlyMap<string, RawSection>, depth = 0): readonly RawSection[] {
    const known = this.#ancestors.get(section);
    if (known !== undefined && known !== null) return known;
    this.#ancestors.set(section, null);
    const reached: RawSection[] = [];
    for (const reference of section.also.toReversed()) {
      const name = reference.value ?? "";
      if (name === DEFAULT_NAME) continue;
      const target = sections.get(name);
      if (target === undefined) {
        this.#fail(reference, `section '${name}' referenced in section '${section.name}' not found`);
      } else if (this.#ancestors.get(target) === null) {
        this.#fail(reference, `section '${name}' referenced in section '${section.name}' causes a loop`);
      } else if (depth >= MAX_ALSO_DEPTH) {
        this.#fail(
          reference,
          `section '${name}' referenced in section '${section.name}' ends a chain of more than ${MAX_ALSO_DEPTH}`,
        );
      } else {
        reached.push(target, ...this.#expand(target, sections, depth + 1));
      }
    }
    const ancestors = [...new Set(reached.toReversed())].toReversed();
    this.#ancestors.set(section, ancestors);
    return ancestors;
  }

  #fail(reference: RawSetting, reason: string): void {
    const { file, line } = reference;
    this.#messages.push({ file, line, level: "error", text: reason });
    this.failure ??= new IpsecConfError("CYG_IPSEC_CONF_REFERENCE", reason, { file, line, column: 1 });
  }
}

function effective(chain: readonly RawSection[]): RawSetting[] {
  const seen = new Set<string>();
  const settings: RawSetting[] = [];
  for (const section of chain) {
    for (const setting of [...section.settings.values()].sort((a, b) => (a.key < b.key ? -1 : 1))) {
      if (seen.has(setting.key)) continue;
      seen.add(setting.key);
      if (setting.value !== null) settings.push(setting);
    }
  }
  return settings;
}
