import { LOG_GROUPS, LogGroup } from "@cygnet/plugin-api";

/** Nothing at all, not even audit messages. */
export const LEVEL_SILENT = -1;
/** The level of groups that nobody set. */
export const LEVEL_DEFAULT = 1;
/** The highest level: secrets too. */
export const LEVEL_PRIVATE = 4;

/** Configuration keys of the groups (`dmn`, `mgr`, ...), by `LogGroup`. */
export const GROUP_KEYS: readonly string[] = Array.from({ length: LOG_GROUPS }, (_, group) => LogGroup[group].toLowerCase());

/** The group of a configuration key or tag in any case; undefined for what is none (`any` and `default` are none). */
export function parseGroup(name: string): LogGroup | undefined {
  const group = GROUP_KEYS.indexOf(name.toLowerCase());
  return group < 0 ? undefined : group;
}

/** One level per log group. */
export class LevelTable {
  readonly #levels = new Int8Array(LOG_GROUPS);

  constructor(level: number = LEVEL_DEFAULT) {
    this.#levels.fill(level);
  }

  get(group: LogGroup): number {
    return this.#levels[group];
  }

  /** @param group undefined sets all groups */
  set(group: LogGroup | undefined, level: number): void {
    const clamped = Math.max(LEVEL_SILENT, Math.min(LEVEL_PRIVATE, level));
    if (group === undefined) this.#levels.fill(clamped);
    else this.#levels[group] = clamped;
  }

  clone(): LevelTable {
    const copy = new LevelTable();
    copy.#levels.set(this.#levels);
    return copy;
  }
}
