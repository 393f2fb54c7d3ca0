/** Received datagrams that no task saw, by reason, since the start of the daemon. Plain data. */
export interface MessageCounts {
  /** One octet that keeps a NAT's mapping alive. The only reason here that is no fault and no attack. */
  keepalives: number;
  /** On the NAT traversal port without the non-ESP marker: ESP, or garbage. */
  notIke: number;
  /** To an address of an interface that is not to be used. */
  ignoredInterface: number;
  /** No IKE header, or one that gives another length than the datagram has. */
  malformedHeader: number;
  /** Another major version than 2. */
  version: number;
  /** First messages answered with a COOKIE. */
  cookiesSent: number;
  /** First messages kept out by a limit. */
  blocked: number;
  /** For no IKE_SA: forged or outdated SPIs. */
  unknownSpi: number;
  /** For an IKE_SA that is busy, with as many messages waiting as may. */
  busy: number;
  /** Requests that were answered before, and were answered with the same response again. */
  repeated: number;
  /** Requests older than the last one, responses to earlier requests, and fragments and first messages that are here already. */
  replayed: number;
  /** A message id that is not due yet, or a response that was not asked for. */
  wrongMessageId: number;
  /** Payloads that cannot be parsed. */
  malformed: number;
  /** The integrity check failed. */
  forged: number;
  /** Encrypted, but there are no keys yet, or the encrypted part cannot be one of them. */
  undecryptable: number;
  /** In the clear, where it must be encrypted. */
  unprotected: number;
  /** With a payload of unknown type that is critical. */
  criticalPayload: number;
  /** Well-formed, but not a message of its exchange or not one for the state of the IKE_SA. */
  unexpected: number;
}

/** Nothing counted yet. */
export function noMessages(): MessageCounts {
  return {
    keepalives: 0,
    notIke: 0,
    ignoredInterface: 0,
    malformedHeader: 0,
    version: 0,
    cookiesSent: 0,
    blocked: 0,
    unknownSpi: 0,
    busy: 0,
    repeated: 0,
    replayed: 0,
    wrongMessageId: 0,
    malformed: 0,
    forged: 0,
    undecryptable: 0,
    unprotected: 0,
    criticalPayload: 0,
    unexpected: 0,
  };
}
