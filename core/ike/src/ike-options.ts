import { double, flag, int, time } from "@cygnet/plugin-api";
import type { OptionValues } from "@cygnet/plugin-api";

/** Options of the `charon` section that IKE_SAs obey; documented in docs/options.md from here. */
export const ikeOptions = {
  accept_private_algs: flag(false, "Use algorithms with numbers of the private range with any peer."),
  block_threshold: int(5, "Half-open IKE_SAs of one address from which on its IKE_SA_INITs are dropped, 0 for never.", {
    min: 0,
    reloadable: true,
  }),
  close_ike_on_child_failure: flag(false, "Close the IKE_SA when the CHILD_SA of its IKE_AUTH fails."),
  cookie_threshold: int(30, "Half-open IKE_SAs from which on COOKIEs are asked for, 0 for never.", { min: 0, reloadable: true }),
  cookie_threshold_ip: int(3, "The same for one address.", { min: 0, reloadable: true }),
  delete_rekeyed_delay: int(5, "Seconds the inbound SA of a rekeyed CHILD_SA stays, so that packets on their way are not lost.", {
    min: 0,
  }),
  dos_protection: flag(true, "Whether cookie and block thresholds are in force."),
  flush_auth_cfg: flag(
    false,
    "Free authentication data once an IKE_SA is established. It always is here; the option is accepted.",
  ),
  fragment_size: int(1280, "Largest IP datagram of IKE fragments that we send, in octets.", { min: 576, max: 65535 }),
  half_open_timeout: int(30, "Seconds after which an unfinished IKE_SA is removed at the responder.", { min: 1 }),
  ikesa_limit: int(0, "IKE_SAs beyond which no new ones are accepted, 0 for no limit.", { min: 0, reloadable: true }),
  init_limit_half_open: int(0, "Half-open IKE_SAs above which IKE_SA_INITs are dropped, 0 for no limit.", {
    min: 0,
    reloadable: true,
  }),
  init_limit_job_load: int(0, "Queued jobs above which IKE_SA_INITs are dropped, 0 for no limit.", { min: 0, reloadable: true }),
  initiator_only: flag(false, "Never act as responder.", { reloadable: true }),
  keep_alive: time(20, "Interval of NAT keepalives, 0 for none.", { min: 0 }),
  prefer_configured_proposals: flag(true, "As responder, the order of our own proposals decides, not the peer's."),
  replay_window: int(32, "Packets of the anti-replay window of CHILD_SAs.", { min: 0 }),
  reqid_base: int(1, "The lowest reqid that CHILD_SAs get whose configuration gives none.", { min: 1, max: 0xffff_ffff }),
  retransmit_base: double(1.8, "Factor by which the wait grows with each retransmission.", { min: 1 }),
  retransmit_jitter: int(0, "Percent by which a wait is reduced at random, at most 20.", { min: 0, max: 20 }),
  retransmit_limit: int(0, "Upper bound of one wait in seconds, 0 for none.", { min: 0 }),
  retransmit_timeout: double(4, "Seconds until the first retransmission.", { min: 0 }),
  retransmit_tries: int(5, "Retransmissions before the peer is given up.", { min: 0 }),
  retry_initiate_interval: time(
    0,
    "Seconds after which an initiation is tried again whose peer's name could not be resolved, 0 for never.",
    { min: 0 },
  ),
  reuse_ikesa: flag(true, "Set up further CHILD_SAs of an equal configuration in the IKE_SA that exists."),
  send_vendor_id: flag(false, "Send strongSwan's vendor ID."),
} as const;

/** Values of `ikeOptions`. */
export type IkeOptions = OptionValues<typeof ikeOptions>;

/**
 * Milliseconds to wait after the transmission number `attempt` (0 is the original one): timeout x base^attempt, bounded by
 * `retransmit_limit` and reduced by up to `retransmit_jitter` percent.
 * @param random a number in [0, 1)
 */
export function retransmitDelayMs(options: IkeOptions, attempt: number, random: number): number {
  const MAX_DELAY_MS = 2 ** 31 - 1;
  let delay = Math.min(options.retransmit_timeout * 1000 * options.retransmit_base ** attempt, MAX_DELAY_MS);
  if (options.retransmit_limit > 0) delay = Math.min(delay, options.retransmit_limit * 1000);
  if (options.retransmit_jitter > 0) delay -= (delay * Math.floor(random * (options.retransmit_jitter + 1))) / 100;
  return Math.max(0, Math.floor(delay));
}
