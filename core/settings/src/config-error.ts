/**
 * Errors and log lines of the settings language. Kept in one place because every other module of the package reports through them.
 */

/** Where something stands in a configuration file. Lines and columns start at 1; a column counts UTF-16 code units. */
export interface Origin {
  /** Path as it was opened: the main file's as given, an included file's as the include pattern expanded. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One line for the log, in strongSwan's words, with the level strongSwan logs it at (group `cfg`). */
export interface SettingsMessage {
  /** 1 is printed by default, 2 only where the `cfg` group is raised. */
  readonly level: 1 | 2;
  readonly message: string;
}

/**
 * What is wrong:
 * - `CYG_SETTINGS_SYNTAX`: the text is not in the settings language
 * - `CYG_SETTINGS_OPEN`: the file is missing, is not a regular file, or cannot be read
 * - `CYG_SETTINGS_INCLUDE_LIMIT`: one load includes more files than `MAX_INCLUDED_FILES`
 * - `CYG_SETTINGS_NAME`: a section or key name given by code is empty or contains a line break
 * - `CYG_SETTINGS_UNPRINTABLE`: a name exists in the tree that the file grammar cannot express
 * - `CYG_SETTINGS_DATA`: a value passed to `Settings.fromData` was not made by `toData`
 */
export type ConfigErrorCode =
  | "CYG_SETTINGS_SYNTAX"
  | "CYG_SETTINGS_OPEN"
  | "CYG_SETTINGS_INCLUDE_LIMIT"
  | "CYG_SETTINGS_NAME"
  | "CYG_SETTINGS_UNPRINTABLE"
  | "CYG_SETTINGS_DATA";

/** Where a `ConfigError` points when no file is involved (names given by code, data from another thread). */
const NO_ORIGIN: Origin = Object.freeze({ file: "", line: 0, column: 0 });

/**
 * A configuration that cannot be used. Nothing of the file that caused it takes effect.
 *
 * `file`, `line` and `column` point at the offending text: for a string that is never closed at its opening quote, for input that
 * ends too early at the end of the main file, for a file that cannot be opened at line 1. They are "" and 0 where no file is involved.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code: ConfigErrorCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Everything strongSwan logs for this load, warnings before the error included, in order and with levels. */
  readonly log: readonly SettingsMessage[];

  constructor(code: ConfigErrorCode, text: string, at: Origin = NO_ORIGIN, log: readonly SettingsMessage[] = []) {
    super(at.line > 0 ? `${at.file}:${at.line}:${at.column}: ${text}` : text);
    this.code = code;
    this.file = at.file;
    this.line = at.line;
    this.column = at.column;
    this.log = log;
  }

  /** The lines of `log` without their levels, as they appear in strongSwan's log. */
  get messages(): readonly string[] {
    return this.log.map((entry) => entry.message);
  }
}
