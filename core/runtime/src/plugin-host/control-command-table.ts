import { PluginError } from "@cygnet/plugin-api";
import type { ControlCommand, ControlCommands, StatusSource, Undo } from "@cygnet/plugin-api";
import type { PluginGuard } from "./plugin-guard.js";

/** Status output waits for what plugins say, but not for long. */
const STATUS_LIMIT_MS = 1000;
/** Octets that a name has in a vici message at most. */
const MAX_NAME = 255;

/** The commands and status lines of a daemon's plugins. */
export class ControlCommandTable implements ControlCommands {
  readonly #commands = new Map<string, ControlCommand>();
  #sources: readonly { readonly source: StatusSource }[] = [];

  /** @param guard what status sources are called by */
  constructor(private readonly guard: PluginGuard) {}

  addCommand(command: ControlCommand): Undo {
    const { name } = command;
    if (!/^[a-z0-9][a-z0-9_-]*$/.test(name) || name.length > MAX_NAME)
      throw new PluginError(
        "CYG_PLUGIN_COMMAND",
        name,
        `'${name}' is no name for a command: small letters, digits, '-' and '_' make one`,
      );
    if (this.#commands.has(name)) throw new PluginError("CYG_PLUGIN_COMMAND", name, `there is a command '${name}' already`);
    this.#commands.set(name, command);
    return () => {
      if (this.#commands.get(name) === command) this.#commands.delete(name);
    };
  }

  addStatus(source: StatusSource): Undo {
    const entry = { source };
    this.#sources = [...this.#sources, entry];
    return () => {
      this.#sources = this.#sources.filter((each) => each !== entry);
    };
  }

  find(name: string): ControlCommand | undefined {
    return this.#commands.get(name);
  }

  list(): readonly ControlCommand[] {
    return [...this.#commands.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async statusLines(): Promise<readonly string[]> {
    const asked = this.#sources.map(async ({ source }) => {
      const call = { kind: "status of plugin", name: source.name, what: "lines", otherwise: [], limitMs: STATUS_LIMIT_MS };
      const lines = await this.guard.call<readonly string[]>(call, async () => checked(await source.lines()));
      return lines.map((line) => `${source.name}: ${line.replaceAll(/[\r\n]+/g, " ")}`);
    });
    return (await Promise.all(asked)).flat();
  }
}

/** @throws where it is not what was asked for */
function checked(lines: readonly string[]): readonly string[] {
  if (!Array.isArray(lines) || lines.some((line) => typeof line !== "string"))
    throw new TypeError("the answer is no list of lines");
  return lines;
}
