import { CygnetError } from "@cygnet/plugin-api";
import type { Origin, SettingsView } from "@cygnet/settings";

/** A value in strongswan.conf cannot be used. `file`, `line` and `column` say where it stands; "" and 0 where no file is involved. */
export class OptionError extends CygnetError {
  readonly file: string;
  readonly line: number;
  readonly column: number;

  /**
   * @param code CYG_OPTION_VALUE
   * @param key the dotted key from the root
   */
  constructor(
    code: string,
    readonly key: string,
    problem: string,
    origin: Origin | undefined,
  ) {
    super(code, `${placeOf(origin)}${key}: ${problem}`);
    this.file = origin?.file ?? "";
    this.line = origin?.line ?? 0;
    this.column = origin?.column ?? 0;
  }
}

/** The error for the value that a lookup of `key` below `view` finds. */
export function optionError(view: SettingsView, key: string, problem: string): OptionError {
  return new OptionError("CYG_OPTION_VALUE", [...view.path, key].join("."), problem, view.origin(key));
}

/** The text of such an error, for a warning. */
export function describeProblem(view: SettingsView, key: string, problem: string): string {
  return `${placeOf(view.origin(key))}${[...view.path, key].join(".")}: ${problem}`;
}

/** `FILE:LINE:COLUMN: `, nothing for what was set by code. */
function placeOf(origin: Origin | undefined): string {
  return origin && origin.line > 0 ? `${origin.file}:${origin.line}:${origin.column}: ` : "";
}
