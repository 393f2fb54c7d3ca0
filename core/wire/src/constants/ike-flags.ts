/** Bits of the flags octet in the IKE header, RFC 7296 section 3.1. All other bits are sent clear and ignored on receipt. */
export enum IkeFlags {
  NONE = 0,
  /** IKEv1: the payloads behind the header are encrypted (RFC 2408 section 3.1). */
  ENCRYPTION_V1 = 0x01,
  /** IKEv1 commit bit. */
  COMMIT_V1 = 0x02,
  /** IKEv1: authenticated, not encrypted. */
  AUTH_ONLY_V1 = 0x04,
  /** Sent by the original initiator of the IKE_SA, in requests and responses alike. */
  INITIATOR = 0x08,
  /** The sender can speak a higher major version. */
  VERSION = 0x10,
  /** The message is a response to one with the same message id. */
  RESPONSE = 0x20,
}
