import type { MaybePromise } from "./job.js";
import type { Undo } from "./plugin.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** What a command is given: texts, lists of texts and sections of such, as messages of vici have them. Plain data. */
export interface CommandRequest {
  readonly [name: string]: string | readonly string[] | CommandRequest;
}

/** What a command answers. Numbers are written in decimal, booleans as yes and no; what is undefined is left out. */
export interface CommandAnswer {
  readonly [name: string]: string | number | boolean | readonly (string | number)[] | CommandAnswer | undefined;
}

/** A command of a plugin, for clients of vici and `cygnet plugins call`. */
export interface ControlCommand {
  /** The plugin's name, or begins with it and `-`; vici's own commands come first. At most 255 octets. */
  readonly name: string;
  /** For operators, one line. */
  readonly description: string;
  /**
   * Runs on control. The client alone waits for it. What it throws is what the client is told: a `CygnetError` as it is, all else is logged with its stack as well.
   */
  run(request: CommandRequest): MaybePromise<CommandAnswer>;
}

/** What a plugin adds to `statusall` and to `stats` of vici. */
export interface StatusSource {
  /** The plugin's name, which its lines begin with. */
  readonly name: string;
  /** Lines without a line feed. One that takes longer than a second is left out. */
  lines(): MaybePromise<readonly string[]>;
}

/** Commands and status lines of plugins. Lives on control. */
export interface ControlCommands {
  /** @returns the undo @throws {PluginError} CYG_PLUGIN_COMMAND for a name that cannot be one, or that is taken */
  addCommand(command: ControlCommand): Undo;
  /** @returns the undo */
  addStatus(source: StatusSource): Undo;
  find(name: string): ControlCommand | undefined;
  /** By name. */
  list(): readonly ControlCommand[];
  /** The lines of all sources in order of registration, each `NAME: LINE`. */
  statusLines(): MaybePromise<readonly string[]>;
}

export const ControlCommands: ServiceToken<ControlCommands> = serviceToken("ControlCommands");
