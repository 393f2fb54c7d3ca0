import type { Settings, SettingsView } from "@cygnet/settings";
import type { MessageData } from "@cygnet/vici";
import type { Context } from "../context.js";
import { ask } from "../request.js";
import { LoadedCount } from "./loaded-count.js";

/** A kind of section of swanctl.conf that is loaded one by one, and unloaded when it is gone from the file. */
export interface SectionKind {
  /** "connection", "pool", "authority": in messages. */
  readonly singular: string;
  /** The section of swanctl.conf, and the word in messages. */
  readonly plural: string;
  readonly loadCommand: string;
  readonly unloadCommand: string;
  /** Names of what is loaded now. */
  loaded(context: Context): Promise<readonly string[]>;
  /** The request of one section, undefined where it cannot be made; that was told then. */
  request(context: Context, section: SettingsView): MessageData | undefined;
}

/** Loads what the file has and unloads what it has not. @returns the exit code */
export async function loadSections(context: Context, settings: Settings, kind: SectionKind): Promise<number> {
  const { client, reporter, terminal } = context;
  const count = new LoadedCount(context, kind.plural);
  const previous = new Set(await kind.loaded(context));
  for (const name of settings.sections([kind.plural])) {
    previous.delete(name);
    const data = kind.request(context, settings.section([kind.plural, name]));
    if (data === undefined) {
      count.found(false);
      continue;
    }
    const { message, failure } = await ask(client, kind.loadCommand, { [name]: data });
    reporter.reply(kind.loadCommand, message);
    count.found(failure === undefined);
    if (!reporter.isText) continue;
    if (failure === undefined) terminal.out(`loaded ${kind.singular} '${name}'\n`);
    else terminal.err(`loading ${kind.singular} '${name}' failed: ${failure}\n`);
  }
  for (const name of previous) {
    const { message, failure } = await ask(client, kind.unloadCommand, { name });
    reporter.reply(kind.unloadCommand, message);
    if (failure === undefined) count.unloaded();
    else if (reporter.isText) terminal.err(`unloading ${kind.singular} '${name}' failed: ${failure}\n`);
  }
  return count.conclude();
}
