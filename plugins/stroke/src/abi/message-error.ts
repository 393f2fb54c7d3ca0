/**
 * Why a stroke message cannot be read or written.
 *
 * - `CYG_STROKE_TRUNCATED`: fewer bytes than the length field announces, or not even a length field
 * - `CYG_STROKE_LENGTH`: the length field names less than the fixed part
 * - `CYG_STROKE_TYPE`: the type number is not one of the protocol
 * - `CYG_STROKE_TOO_LONG`: an encoded message would not fit the 16 bit length field
 * - `CYG_STROKE_VALUE`: a string to be encoded holds a NUL, which the format cannot carry
 */
export class StrokeMessageError extends Error {
  /**
   * @param code one of the codes above
   * @param offset byte of the message that the reader stumbled over, counted from the length field
   */
  constructor(
    readonly code: StrokeMessageErrorCode,
    message: string,
    readonly offset = 0,
  ) {
    super(message);
    this.name = "StrokeMessageError";
  }
}

/** The codes of {@link StrokeMessageError}. */
export type StrokeMessageErrorCode =
  "CYG_STROKE_TRUNCATED" | "CYG_STROKE_LENGTH" | "CYG_STROKE_TYPE" | "CYG_STROKE_TOO_LONG" | "CYG_STROKE_VALUE";
