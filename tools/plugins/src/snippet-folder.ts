import { UsageError } from "@cygnet/command";
import { ConfigError, decodeText, matchesGlob, parseSettings, readMatchingFiles, withNamespace } from "@cygnet/settings";
import type { IncludedFile, Settings } from "@cygnet/settings";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A strongswan.conf in which a file may be changed to see what comes of it, before it is written. */
export class TrialConfiguration {
  /** Include patterns, as they were resolved. */
  readonly #patterns = new Set<string>();

  /** @param path strongswan.conf @throws {UsageError} */
  constructor(
    private readonly path: string,
    private readonly namespace: string,
  ) {
    this.#read(undefined);
  }

  /** The settings if a file had this text. @throws {UsageError} where they cannot be used */
  with(file: string, text: string): Settings {
    return this.#read({ file, text });
  }

  /**
   * Where the snippet of a plugin is, or would be: the first file of that name that an `include` in the section of plugins reads.
   * @returns undefined where there is no such `include`
   */
  snippetOf(plugin: string): string | undefined {
    const name = `${plugin}.conf`;
    for (const pattern of this.#patterns) {
      if (!matchesGlob(name, basename(pattern))) continue;
      for (const folder of foldersOf(dirname(pattern), name)) {
        const file = join(folder, name);
        const probe = this.with(file, `${plugin} { load = yes }\n`);
        if (this.placeOfLoad(probe, plugin)?.file === file) return file;
        // A later file may have the last word on the option; the section is in the right place all the same.
        const marked = this.with(file, `${plugin} { load = yes\n${MARK} = yes }\n`);
        if (this.#plugin(marked, plugin).has(MARK)) return file;
      }
    }
    return undefined;
  }

  /** Where the value stands that decides on a plugin. */
  placeOfLoad(settings: Settings, plugin: string): { readonly file: string; readonly line: number } | undefined {
    return this.#plugin(settings, plugin).origin("load");
  }

  #plugin(settings: Settings, plugin: string): ReturnType<Settings["section"]> {
    return withNamespace(settings, this.namespace).section([this.namespace, "plugins", plugin]);
  }

  #read(trial: { readonly file: string; readonly text: string } | undefined): Settings {
    const readInclude = (pattern: string): readonly IncludedFile[] => {
      this.#patterns.add(pattern);
      const found = readMatchingFiles(pattern);
      if (trial === undefined || !reads(pattern, trial.file)) return found;
      const others = found.filter(({ file }) => file !== trial.file);
      return [...others, trial].sort((a, b) => (a.file < b.file ? -1 : 1));
    };
    try {
      return parseSettings(decodeText(readFileSync(this.path)), { file: this.path, readInclude }).settings;
    } catch (error) {
      if (!(error instanceof ConfigError) && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw new UsageError((error as Error).message, { cause: error });
    }
  }
}

/** A key that no plugin has. */
const MARK = "cygnet-plugins-probe";

/** Whether a file would be among what an include pattern matches. */
function reads(pattern: string, file: string): boolean {
  if (!matchesGlob(basename(file), basename(pattern))) return false;
  return foldersOf(dirname(pattern), basename(file)).some((folder) => join(folder, basename(file)) === file);
}

/** The folders that a pattern stands for: the one it names, or those with wildcards that have the file already. */
function foldersOf(pattern: string, name: string): string[] {
  if (!/[*?[\\]/.test(pattern)) return existsSync(pattern) ? [pattern] : [];
  return readMatchingFiles(`${pattern}/${name}`).map(({ file }) => dirname(file));
}
