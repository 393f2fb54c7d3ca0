import type { Section } from "./section.js";

/** What went wrong, for programs; README.md says when. */
export type ViciErrorCode =
  | "CYG_VICI_ENCODING"
  | "CYG_VICI_LIMIT"
  | "CYG_VICI_URI"
  | "CYG_VICI_CONNECTION"
  | "CYG_VICI_UNKNOWN_COMMAND"
  | "CYG_VICI_UNKNOWN_EVENT"
  | "CYG_VICI_COMMAND";

/** All errors of this package. */
export class ViciError extends Error {
  constructor(
    readonly code: ViciErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ViciError";
  }
}

/** Octets that are no message or packet. */
export class ViciEncodingError extends ViciError {
  /** @param offset where in the message, in octets */
  constructor(
    readonly offset: number,
    problem: string,
  ) {
    super("CYG_VICI_ENCODING", `octet ${offset}: ${problem}`);
  }
}

/** A command was carried out without success. */
export class ViciCommandError extends ViciError {
  /** @param answer all that the daemon said */
  constructor(
    readonly command: string,
    readonly answer: Section,
  ) {
    super("CYG_VICI_COMMAND", answer.text("errmsg") ?? `${command} failed`);
  }
}
