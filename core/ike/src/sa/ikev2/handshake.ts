import type { Host } from "@cygnet/plugin-api";
import type { IkeConfig } from "../../config/index.js";
import type { FoundSecrets } from "../backend-lookup.js";

const EMPTY: Uint8Array = new Uint8Array(0);
const NO_HOSTS: readonly Host[] = [];

/**
 * What an IKE_SA needs only until it is established: nonces, and the octets of the first messages, which AUTH covers. Owned octets, no views.
 */
export class Handshake {
  nonceI = EMPTY;
  nonceR = EMPTY;
  /** The IKE_SA_INIT request and response as they were on the wire, without marker. */
  initRequest = EMPTY;
  initResponse = EMPTY;
  /** As responder: the request as it also came, with a COOKIE in front or without it. */
  otherInitRequest: Uint8Array | undefined;
  /** Hashes that the peer verifies digital signatures with (RFC 7427), undefined when it knows none of that. */
  peerHashes: readonly number[] | undefined;
  /** The responder takes IKE_AUTH without a CHILD_SA (RFC 6023). */
  isChildlessSupported = false;
  /** The peer can do several authentication rounds (RFC 4739). */
  isMultipleAuthSupported = false;
  /** Whether the peer asked for certificates. */
  isCertificateAsked = false;
  /** Whether the peer fetches certificates that are elsewhere. */
  isCertificateLookupSupported = false;
  /** As initiator: the virtual IPs of the IKE_SA whose place this one takes, which are asked for again. */
  formerVirtualIps: readonly Host[] = NO_HOSTS;
  /** As initiator: the gateway that sent us to this one. */
  redirectedFrom: Host | undefined;
  /** As responder: where the first message came from, as which it is counted as half-open. */
  origin: Host | undefined;

  /** As responder: what backends had for the addresses, the best first; undefined where a loaded connection has them. */
  ikeConfigs: readonly IkeConfig[] | undefined;
  /** What credential sets had for the identities, undefined as long as none was asked. */
  foundSecrets: FoundSecrets | undefined;

  /** Nonces are part of what keys come from. */
  wipe(): void {
    this.foundSecrets?.store.clear();
    this.nonceI.fill(0);
    this.nonceR.fill(0);
  }
}
