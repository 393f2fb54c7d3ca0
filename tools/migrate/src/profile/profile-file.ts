/** What a key of a profile is set to; those of keyfiles are texts. */
export type ProfileValue = string | number | boolean | readonly string[];

/** A key of a profile, where it stands. */
export interface ProfileEntry {
  /** With what is around it, as in `vpn.address` or `remote.addr`. */
  readonly key: string;
  readonly value: ProfileValue;
  /** From 1. */
  readonly line: number;
}

/** A profile of a client, read but not yet understood. */
export interface ProfileFile {
  readonly file: string;
  /** In their order; of keys that are there twice the last one counts, and it is the only one here. */
  readonly entries: readonly ProfileEntry[];
  /** Without what marks them. */
  readonly comments: readonly string[];
}
