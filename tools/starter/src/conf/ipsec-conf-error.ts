import type { ConfMessage } from "./conf-message.js";

/**
 * Codes of {@link IpsecConfError}:
 *
 * - `CYG_IPSEC_CONF_SYNTAX`: something stands where the grammar does not allow it
 * - `CYG_IPSEC_CONF_MISSING_VALUE`: a setting without `=`
 * - `CYG_IPSEC_CONF_SECTION_NAME`: `conn` or `ca` without a name
 * - `CYG_IPSEC_CONF_UNTERMINATED`: a quoted string that is never closed
 * - `CYG_IPSEC_CONF_REFERENCE`: `also=` names a section that does not exist, or that leads back to itself
 * - `CYG_IPSEC_CONF_READ`: the file, or one that it includes, cannot be read
 */
export type IpsecConfErrorCode =
  | "CYG_IPSEC_CONF_SYNTAX"
  | "CYG_IPSEC_CONF_MISSING_VALUE"
  | "CYG_IPSEC_CONF_SECTION_NAME"
  | "CYG_IPSEC_CONF_UNTERMINATED"
  | "CYG_IPSEC_CONF_REFERENCE"
  | "CYG_IPSEC_CONF_READ";

/** A place in a configuration file; line and column count from 1. */
export interface ConfPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A file that cannot be used at all; nothing of it may be loaded. The message is `FILE:LINE: REASON`, or the reason alone without a line. */
export class IpsecConfError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** All log lines up to and including the one of this error, in the order of strongSwan's. Filled by {@link loadIpsecConf}. */
  messages: readonly ConfMessage[] = [];

  constructor(
    readonly code: IpsecConfErrorCode,
    readonly reason: string,
    place: ConfPlace,
    options?: ErrorOptions,
  ) {
    super(place.line > 0 ? `${place.file}:${place.line}: ${reason}` : reason, options);
    this.name = "IpsecConfError";
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
  }
}
