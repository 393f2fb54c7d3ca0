import type { Host } from "./host.js";
import type { IkeSaView } from "./ike-sa.js";
import type { MaybePromise } from "./job.js";
import type { Undo } from "./plugin.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** A gateway that a client is sent to: an address, whose port does not matter, or a host name of up to 255 octets. */
export type GatewayName = Host | string;

/**
 * Sends clients to other gateways while they set up an IKE_SA (RFC 5685), strongSwan's `redirect_provider_t`. Only those are asked about that follow
 * redirects, and only they wait for the answer. A provider that throws, or has not answered within `charon.plugin_timeout`, lets the client stay.
 */
export interface RedirectProvider {
  /** Shown when it fails or takes its time, and in the profile: the plugin's name. */
  readonly name: string;
  /**
   * Asked at the first message, before anything is calculated for the client. Anybody can send a first message: of the IKE_SA only the addresses
   * are known. @returns undefined to let the client stay
   */
  onInit?(ikeSa: IkeSaView): MaybePromise<GatewayName | undefined>;
  /**
   * Asked when the client has proved who it is, and listeners have admitted it. One that is sent away gets neither addresses nor a CHILD_SA.
   * @returns undefined to let the client stay
   */
  onAuth?(ikeSa: IkeSaView): MaybePromise<GatewayName | undefined>;
}

/** Where redirect providers are added. One per shard. IKE_SAs that are up are sent elsewhere by `Controller.redirectIke`. */
export interface RedirectManager {
  /** Providers are asked in the order they were added, until one has an answer. */
  addProvider(provider: RedirectProvider): Undo;
}

export const RedirectManager: ServiceToken<RedirectManager> = serviceToken("RedirectManager");
