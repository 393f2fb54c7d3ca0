import type { SettingsView } from "@cygnet/settings";

/** How an option's text is read. `list` is separated by blanks or commas; `section` has keys of its own. */
export type OptionType = "bool" | "int" | "double" | "time" | "string" | "list" | "section" | "u64";

/** One option of strongswan.conf, described once: parsing, `docs/options.md` and the migration check all come from here. */
export interface Option<T> {
  readonly type: OptionType;
  readonly default: T;
  readonly description: string;
  /** Smallest and largest accepted value; values outside are refused with the option's name and place. */
  readonly min?: number;
  readonly max?: number;
  /** A number outside of the range is replaced by its nearest end, with a warning, where strongSwan does that or goes on with it. */
  readonly capped?: boolean;
  /** 0 is accepted too, whatever `min` says: it stands for something else than a number. */
  readonly orZero?: boolean;
  /** The accepted words of a string option. */
  readonly oneOf?: readonly string[];
  /** Whether `reload` applies a change; otherwise it needs a restart. */
  readonly reloadable?: boolean;
  /** Nobody is told the value, by `cygnet plugins` for instance. */
  readonly isSecret?: boolean;
}

export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** The values of an option table, each of its option's type. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: T[K] extends Option<infer V> ? V : never };

interface Extras {
  readonly min?: number;
  readonly max?: number;
  readonly capped?: boolean;
  readonly orZero?: boolean;
  readonly reloadable?: boolean;
  readonly isSecret?: boolean;
}

/** yes/no */
export const flag = (value: boolean, description: string, extras?: Extras): Option<boolean> => ({
  type: "bool",
  default: value,
  description,
  ...extras,
});
/** A 32 bit integer. */
export const int = (value: number, description: string, extras?: Extras): Option<number> => ({
  type: "int",
  default: value,
  description,
  ...extras,
});
/** A 32 bit integer without a default of its own. */
export const optionalInt = (description: string, extras?: Extras): Option<number | undefined> => ({
  type: "int",
  default: undefined,
  description,
  ...extras,
});
/** A UDP or TCP port, 0..65535. */
export const u16 = (value: number, description: string): Option<number> => ({
  type: "int",
  default: value,
  description,
  min: 0,
  max: 65535,
});
/** A floating point number. */
export const double = (value: number, description: string, extras?: Extras): Option<number> => ({
  type: "double",
  default: value,
  description,
  ...extras,
});
/** A duration; the value is in seconds. */
export const time = (seconds: number, description: string, extras?: Extras): Option<number> => ({
  type: "time",
  default: seconds,
  description,
  ...extras,
});
/** A text; undefined when not set and without default. */
export const text = <D extends string | undefined>(value: D, description: string, extras?: Extras): Option<string | D> => ({
  type: "string",
  default: value,
  description,
  ...extras,
});
/** One of some words. */
export const word = <W extends string>(words: readonly W[], value: W, description: string): Option<W> => ({
  type: "string",
  default: value,
  description,
  oneOf: words,
});
/** Words separated by blanks or commas. */
export const list = (value: readonly string[], description: string): Option<readonly string[]> => ({
  type: "list",
  default: value,
  description,
});
/** An unsigned 64 bit number. */
export const u64 = (value: bigint, description: string): Option<bigint> => ({ type: "u64", default: value, description });
/** A section whose keys the operator chooses; undefined when absent. */
export const section = (description: string): Option<SettingsView | undefined> => ({
  type: "section",
  default: undefined,
  description,
});
