import type { Payload } from "@cygnet/wire";
import type { Attribute } from "./attribute.js";
import type { Host } from "./host.js";
import type { ChildSaState, ChildSaView, IkeSaState, IkeSaView } from "./ike-sa.js";
import type { MaybePromise } from "./job.js";
import type { TrafficRange } from "./kernel.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** What can go wrong in ways that an operator wants to be told of. Lists are text as in the log. */
export type Alert =
  | { readonly alert: "peer-init-unreachable" }
  | { readonly alert: "peer-auth-failed" }
  | { readonly alert: "local-auth-failed" }
  | { readonly alert: "peer-addr-failed" }
  /** `received` is empty where the peer refused all of ours. */
  | {
      readonly alert: "proposal-mismatch-ike" | "proposal-mismatch-child";
      readonly configured: string;
      readonly received: string;
    }
  /** The selectors that the initiator proposed, for its own side and for the responder's. */
  | { readonly alert: "ts-mismatch"; readonly initiator: string; readonly responder: string }
  /** Less was agreed on than is configured for our side or the peer's: `selectors`. */
  | { readonly alert: "ts-narrowed"; readonly side: "local" | "remote"; readonly selectors: string }
  | { readonly alert: "install-child-sa-failed" | "install-child-policy-failed"; readonly childSa: ChildSaView }
  | { readonly alert: "unique-replace" }
  | { readonly alert: "unique-keep" }
  | { readonly alert: "keep-on-child-sa-failure" }
  | { readonly alert: "vip-failure" }
  | { readonly alert: "authorization-failed" }
  | { readonly alert: "half-open-timeout" }
  /** The hard lifetime of an IKE_SA is over, as neither side has rekeyed or reauthenticated it in time. */
  | { readonly alert: "ike-sa-expired" }
  /** Something about a certificate of the peer, or of one above it, keeps the peer from being trusted. */
  | { readonly alert: CertificateAlert; readonly subject: string; readonly der: Uint8Array }
  | { readonly alert: "retransmit-send"; readonly attempt: number }
  /** The peer has answered a request that was sent again, so many times. */
  | { readonly alert: "retransmit-send-cleared"; readonly attempts: number }
  | { readonly alert: "retransmit-send-timeout" }
  | { readonly alert: "retransmit-receive" }
  | { readonly alert: "invalid-ike-spi" }
  | { readonly alert: "parse-error-header" }
  | { readonly alert: "parse-error-body" };

/**
 * What is amiss with a certificate: not valid yet or any more, revoked, status not found out, no issuer, or a root that is not trusted; too long a
 * path, and constraints on names or policies that are not met. The peer may be trusted all the same: by another certificate, or where the
 * connection does not insist.
 */
export type CertificateAlert =
  | "cert-expired"
  | "cert-revoked"
  | "cert-validation-failed"
  | "cert-no-issuer"
  | "cert-untrusted-root"
  | "cert-exceeded-path-len"
  | "cert-policy-violation";

/** A message as listeners see it; payloads are views that are valid during the call. */
export interface BusMessage {
  /** An `ExchangeType`. */
  readonly exchangeType: number;
  readonly isResponse: boolean;
  readonly messageId: number;
  readonly payloads: readonly Payload[];
}

/** What keys are derived from, views valid during the call. */
export interface KeyMaterial {
  /** Of the key exchange; undefined where a CHILD_SA has none of its own. */
  readonly sharedSecret: Uint8Array | undefined;
  readonly nonceInitiator: Uint8Array;
  readonly nonceResponder: Uint8Array;
}

/** Keys of an IKE_SA, views valid during the call. */
export interface IkeKeys {
  readonly skD: Uint8Array;
  readonly skAi: Uint8Array;
  readonly skAr: Uint8Array;
  readonly skEi: Uint8Array;
  readonly skEr: Uint8Array;
  readonly skPi: Uint8Array;
  readonly skPr: Uint8Array;
}

/** Keys of a CHILD_SA, views valid during the call. */
export interface ChildKeys {
  readonly encryptionInitiator: Uint8Array;
  readonly encryptionResponder: Uint8Array;
  readonly integrityInitiator: Uint8Array;
  readonly integrityResponder: Uint8Array;
}

/**
 * strongSwan's listener events. A plugin implements those it wants. All are called synchronously on the shard of the IKE_SA, in
 * registration order; a throw is logged with the plugin's name and does not disturb the IKE_SA. So is a call that keeps the thread for 100 ms or
 * longer, since all other IKE_SAs of the shard wait. `authorize` alone is waited for.
 */
export interface Listener {
  /** Shown when this listener throws, keeps the thread or does not answer, and in the profile: the plugin's name. */
  readonly name: string;
  alert?(ikeSa: IkeSaView | undefined, alert: Alert): void;
  ikeStateChange?(ikeSa: IkeSaView, state: IkeSaState): void;
  childStateChange?(ikeSa: IkeSaView, childSa: ChildSaView, state: ChildSaState): void;
  /** Each message with its payloads in the clear: sent ones before they are encrypted, received ones once they were verified. */
  message?(ikeSa: IkeSaView, message: BusMessage, incoming: boolean): void;
  /** Before keys are derived, strongSwan's `ike_keys`. @param replaces the IKE_SA that this one rekeys, whose SK_d is part of it */
  ikeKeyMaterial?(ikeSa: IkeSaView, material: KeyMaterial, replaces: IkeSaView | undefined): void;
  /** strongSwan's `ike_derived_keys`. */
  ikeKeys?(ikeSa: IkeSaView, keys: IkeKeys): void;
  /** Before keys are derived, strongSwan's `child_keys`. */
  childKeyMaterial?(ikeSa: IkeSaView, childSa: ChildSaView, isInitiator: boolean, material: KeyMaterial): void;
  /** strongSwan's `child_derived_keys`. */
  childKeys?(ikeSa: IkeSaView, childSa: ChildSaView, isInitiator: boolean, keys: ChildKeys): void;
  ikeUpdown?(ikeSa: IkeSaView, up: boolean): void;
  ikeRekey?(oldSa: IkeSaView, newSa: IkeSaView): void;
  /** A new IKE_SA that shall take the place of one is about to be set up: reauthentication, redirection, or a peer that was gone. */
  ikeReestablishPre?(oldSa: IkeSaView, newSa: IkeSaView): void;
  /**
   * It is: at the begin of its set-up where the old one is gone already, else when it is up and the old one is about to go.
   * @param initiated false where it could not be begun
   */
  ikeReestablish?(oldSa: IkeSaView, newSa: IkeSaView, initiated: boolean): void;
  /** The CHILD_SAs of an IKE_SA that was rekeyed are about to be its successor's. `ikeRekey` follows when they are. */
  childrenMigrate?(oldSa: IkeSaView, newSa: IkeSaView): void;
  /** Just before it goes on between other addresses, so that it still has those that it had. */
  ikeUpdate?(ikeSa: IkeSaView, local: Host, remote: Host): void;
  childUpdown?(ikeSa: IkeSaView, childSa: ChildSaView, up: boolean): void;
  childRekey?(ikeSa: IkeSaView, oldChild: ChildSaView, newChild: ChildSaView): void;
  /**
   * After each authentication round of the peer, and once more, as `final`, when both sides are through: false closes the IKE_SA with AUTHENTICATION_FAILED, and so do a throw and an
   * answer that takes longer than `charon.plugin_timeout`. Only this IKE_SA waits.
   */
  authorize?(ikeSa: IkeSaView, final: boolean): MaybePromise<boolean>;
  /** May narrow the selectors of a CHILD_SA being negotiated; the arrays are the listener's to change. To empty one refuses the CHILD_SA. */
  narrow?(ikeSa: IkeSaView, childSa: ChildSaView, stage: NarrowStage, local: TrafficRange[], remote: TrafficRange[]): void;
  assignVirtualIps?(ikeSa: IkeSaView, assign: boolean): void;
  handleVirtualIps?(ikeSa: IkeSaView, handle: boolean): void;
  /** Attributes received in a CP payload. */
  attributes?(ikeSa: IkeSaView, attributes: readonly Attribute[]): void;
}

/**
 * When a `narrow` hook is called, as in strongSwan: as initiator before the exchange and after it, in an IKE_AUTH (`noauth`, as the peer is
 * not authenticated before) or on an IKE_SA that is up (`auth`); as responder before the answer, and for what is installed without the peer
 * being told (`responder-post`).
 */
export type NarrowStage =
  | "initiator-pre-noauth"
  | "initiator-pre-auth"
  | "responder"
  | "responder-post"
  | "initiator-post-noauth"
  | "initiator-post-auth";

/** Where listeners are added. One per shard. */
export interface Bus {
  /** @returns the undo */
  addListener(listener: Listener): () => void;
}

export const Bus: ServiceToken<Bus> = serviceToken("Bus");
