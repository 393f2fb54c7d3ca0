import { CygnetError } from "@cygnet/plugin-api";

/** Why a proposal string was refused. */
export type ProposalErrorCode =
  | "CYG_PROPOSAL_KEYWORD"
  | "CYG_PROPOSAL_EMPTY"
  | "CYG_PROPOSAL_NO_KE"
  | "CYG_PROPOSAL_NO_PRF"
  | "CYG_PROPOSAL_NO_ENCR"
  | "CYG_PROPOSAL_NO_INTEG"
  | "CYG_PROPOSAL_MIXED_AEAD";

/**
 * A proposal string is not usable. The message is the line that strongSwan logs (CFG or LIB, level 1).
 *
 * - CYG_PROPOSAL_KEYWORD: a word is no keyword
 * - CYG_PROPOSAL_EMPTY: no words at all (strongSwan refuses this silently)
 * - CYG_PROPOSAL_NO_KE, _NO_PRF, _NO_ENCR, _NO_INTEG: an algorithm that the protocol needs is missing
 * - CYG_PROPOSAL_MIXED_AEAD: combined-mode and classic ciphers in one proposal
 */
export class ProposalError extends CygnetError {
  constructor(
    code: ProposalErrorCode,
    /** The proposal string as it was given. */
    readonly text: string,
    message: string,
  ) {
    super(code, message);
  }
}
