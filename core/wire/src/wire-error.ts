/**
 * What is wrong with a datagram, or with a value that was to become one.
 *
 * | code | meaning |
 * | --- | --- |
 * | CYG_WIRE_TRUNCATED | a field or structure runs past the end of what holds it |
 * | CYG_WIRE_TRAILING | octets are left where a structure, payload or message should end |
 * | CYG_WIRE_LENGTH | a length is impossible for what it measures |
 * | CYG_WIRE_VALUE | a field has a value that the RFC forbids |
 * | CYG_WIRE_COUNT | a count disagrees with what follows it |
 * | CYG_WIRE_EMPTY_FIELD | a field that may not be empty is empty |
 * | CYG_WIRE_LIMIT | more items than a named limit of this package allows |
 * | CYG_WIRE_VERSION | the message is of another major version than the parser's |
 * | CYG_WIRE_PADDING | the padding of a decrypted payload is longer than the payload |
 * | CYG_WIRE_OVERFLOW | generating: the caller's buffer is full |
 * | CYG_WIRE_RANGE | generating: a value does not fit its field, or a value cannot be sent at all |
 */
export type WireErrorCode =
  | "CYG_WIRE_TRUNCATED"
  | "CYG_WIRE_TRAILING"
  | "CYG_WIRE_LENGTH"
  | "CYG_WIRE_VALUE"
  | "CYG_WIRE_COUNT"
  | "CYG_WIRE_EMPTY_FIELD"
  | "CYG_WIRE_LIMIT"
  | "CYG_WIRE_VERSION"
  | "CYG_WIRE_PADDING"
  | "CYG_WIRE_OVERFLOW"
  | "CYG_WIRE_RANGE";

const REASONS: Readonly<Record<WireErrorCode, string>> = {
  CYG_WIRE_TRUNCATED: "runs past the end",
  CYG_WIRE_TRAILING: "is followed by octets that belong to nothing",
  CYG_WIRE_LENGTH: "has an impossible length",
  CYG_WIRE_VALUE: "has a value that is not allowed",
  CYG_WIRE_COUNT: "does not count what follows",
  CYG_WIRE_EMPTY_FIELD: "is empty",
  CYG_WIRE_LIMIT: "exceeds a limit",
  CYG_WIRE_VERSION: "is not supported",
  CYG_WIRE_PADDING: "is longer than the payload",
  CYG_WIRE_OVERFLOW: "does not fit the buffer",
  CYG_WIRE_RANGE: "does not fit its field",
};

/**
 * A malformed datagram, or a value that cannot be put into one. Carries no octets of either.
 *
 * It has no stack trace: anybody on the network can cause one of these per datagram, and field and offset say more about the
 * cause than the stack of the parser.
 */
export class WireError extends Error {
  readonly code: WireErrorCode;
  /** The field that was being read or written, in the RFC's words. */
  readonly field: string;
  /** Octets from the start of the buffer to the place of the error, at most the end of what was being parsed. */
  readonly offset: number;

  constructor(code: WireErrorCode, field: string, offset: number) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`${field} ${REASONS[code]} (octet ${offset})`);
    Error.stackTraceLimit = limit;
    this.code = code;
    this.field = field;
    this.offset = offset;
  }

  override get name(): string {
    return "WireError";
  }
}
