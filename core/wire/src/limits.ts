/** Octets of the IKE header, RFC 7296 section 3.1. */
export const IKE_HEADER_BYTES = 28;

/** Octets of the generic payload header, RFC 7296 section 3.2. */
export const GENERIC_HEADER_BYTES = 4;

/** Largest UDP payload, and so the largest IKE message that is not fragmented at the IP layer into something impossible. */
const MAX_MESSAGE_BYTES = 65_535;

/**
 * Payloads in one message. A chain of empty vendor ids costs its sender 4 octets a payload and us an object each; real
 * messages, certificate chains and all, stay below 50.
 */
export const MAX_PAYLOADS = 256;

/** Proposals in one SA payload. They are matched against each of ours; the largest offers seen in the field have about 30. */
export const MAX_PROPOSALS = 128;

/** Transforms in one SA payload, over all its proposals; matching is linear in them per configured proposal. */
export const MAX_TRANSFORMS = 1024;

/** Attributes of one transform. Only the key length is defined; a few more leave room for the future. */
export const MAX_TRANSFORM_ATTRIBUTES = 8;

/** SPIs in one Delete payload. Each is a table lookup; a peer with more CHILD_SAs in one IKE_SA deletes them in several goes. */
export const MAX_DELETE_SPIS = 1024;

/** Attributes in one Configuration payload; lists of split-tunnel subnets are the long ones. */
export const MAX_CONFIG_ATTRIBUTES = 512;

/** Shortest and longest nonce, RFC 7296 section 3.9. */
export const MIN_NONCE_BYTES = 16;
export const MAX_NONCE_BYTES = 256;

/**
 * Fragments of one message (RFC 7383). A peer that is not authenticated yet can make us keep this many; at the usual 1,280
 * octet datagrams it allows messages that no implementation accepts anyway.
 */
export const MAX_FRAGMENTS = 255;

/** Octets that one reassembled message may have unless the caller says otherwise: what fits the largest unfragmented message. */
export const MAX_REASSEMBLED_BYTES = MAX_MESSAGE_BYTES;
