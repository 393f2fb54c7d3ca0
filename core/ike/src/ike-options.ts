import { double, flag, int, optionalInt, text, time, u64 } from "@cygnet/plugin-api";
import type { OptionValues } from "@cygnet/plugin-api";

/** A smaller datagram might have no room for payload beside headers, initialization vector and checksum. */
const FRAGMENT = { min: 256, max: 65535, orZero: true, capped: true, reloadable: true } as const;

const TEST_DELAY = { min: 0, max: 3_600_000, reloadable: true } as const;
const EXCHANGE_TYPE = { min: 0, max: 255, reloadable: true } as const;

/** Options of the `charon` section that IKE_SAs obey; documented in docs/options.md from here. */
export const ikeOptions = {
  accept_private_algs: flag(false, "Use algorithms with numbers of the private range with any peer.", { reloadable: true }),
  block_threshold: int(5, "Half-open IKE_SAs of one address from which on its IKE_SA_INITs are dropped, 0 for never.", {
    min: 0,
    reloadable: true,
  }),
  check_current_path: flag(false, "Send a liveness check when the network changes and the path in use seems to be there still.", {
    reloadable: true,
  }),
  close_ike_on_child_failure: flag(false, "Close the IKE_SA when the CHILD_SA of its IKE_AUTH fails.", { reloadable: true }),
  cookie_threshold: int(30, "Half-open IKE_SAs from which on COOKIEs are asked for, 0 for never.", { min: 0, reloadable: true }),
  cookie_threshold_ip: int(3, "The same for one address.", { min: 0, reloadable: true }),
  delete_rekeyed_delay: int(5, "Seconds the inbound SA of a rekeyed CHILD_SA stays, so that packets on their way are not lost.", {
    min: 0,
    reloadable: true,
  }),
  dos_protection: flag(true, "Whether cookie and block thresholds are in force.", { reloadable: true }),
  flush_auth_cfg: flag(
    false,
    "Free authentication data once an IKE_SA is established. It always is here; the option is accepted.",
    { reloadable: true },
  ),
  fragment_size: int(
    1280,
    "Largest IP datagram of IKE fragments that we send, in octets; 0 for 576 with IPv4, 1280 with IPv6.",
    FRAGMENT,
  ),
  fragment_size_v4: optionalInt("The same for IPv4; fragment_size if not set.", FRAGMENT),
  fragment_size_v6: optionalInt("The same for IPv6; fragment_size if not set.", FRAGMENT),
  half_open_timeout: int(30, "Seconds after which an unfinished IKE_SA is removed at the responder.", {
    min: 1,
    reloadable: true,
  }),
  ikesa_limit: int(0, "IKE_SAs beyond which no new ones are accepted, 0 for no limit.", { min: 0, reloadable: true }),
  inactivity_close_ike: flag(
    false,
    "Close the IKE_SA when its last CHILD_SA has been inactive for the time of its `inactivity`.",
    {
      reloadable: true,
    },
  ),
  init_limit_half_open: int(0, "Half-open IKE_SAs above which IKE_SA_INITs are dropped, 0 for no limit.", {
    min: 0,
    reloadable: true,
  }),
  init_limit_job_load: int(0, "Queued jobs above which IKE_SA_INITs are dropped, 0 for no limit.", { min: 0, reloadable: true }),
  initiator_only: flag(false, "Never act as responder.", { reloadable: true }),
  install_virtual_ip: flag(
    true,
    "Put virtual IPs that a peer assigns onto an interface, where the kernel plugin carries traffic.",
    {
      reloadable: true,
    },
  ),
  install_virtual_ip_on: text(undefined, "The interface for virtual IPs; unset for the one that IKE is sent from.", {
    reloadable: true,
  }),
  keep_alive: time(20, "Interval of NAT keepalives, 0 for none.", { min: 0, reloadable: true }),
  make_before_break: flag(true, "Reauthenticate by setting up the new IKE_SA first; else the old one is deleted before.", {
    reloadable: true,
  }),
  prefer_best_path: flag(false, "Move IKE_SAs by MOBIKE whenever another path is better, not only when the one in use is gone.", {
    reloadable: true,
  }),
  keep_alive_dpd_margin: time(
    0,
    "Seconds by which a NAT keepalive may be late before a liveness check is sent in its place, 0 for never. The time that a machine sleeps does not count.",
    { min: 0, reloadable: true },
  ),
  prefer_configured_proposals: flag(true, "As responder, the order of our own proposals decides, not the peer's.", {
    reloadable: true,
  }),
  receive_delay: int(0, "Milliseconds that received messages wait, to test what a slow network does.", TEST_DELAY),
  receive_delay_request: flag(true, "Whether receive_delay applies to requests.", { reloadable: true }),
  receive_delay_response: flag(true, "Whether receive_delay applies to responses.", { reloadable: true }),
  receive_delay_type: int(0, "Number of the exchange type that receive_delay applies to, 0 for all.", EXCHANGE_TYPE),
  replay_window: int(32, "Packets of the anti-replay window of CHILD_SAs.", { min: 0 }),
  reqid_base: int(1, "The lowest reqid that CHILD_SAs get whose configuration gives none.", { min: 1, max: 0xffff_ffff }),
  retransmit_base: double(1.8, "Factor by which the wait grows with each retransmission.", { min: 0, reloadable: true }),
  retransmit_jitter: int(0, "Percent by which a wait is reduced at random, at most 20.", {
    min: 0,
    max: 20,
    capped: true,
    reloadable: true,
  }),
  retransmit_limit: int(0, "Upper bound of one wait in seconds, 0 for none.", { min: 0, reloadable: true }),
  retransmit_timeout: double(4, "Seconds until the first retransmission.", { min: 0, reloadable: true }),
  retransmit_tries: int(5, "Retransmissions before the peer is given up.", { min: 0, reloadable: true }),
  retry_initiate_interval: time(
    0,
    "Seconds after which an initiation is tried again whose peer's name could not be resolved, 0 for never.",
    { min: 0, reloadable: true },
  ),
  reuse_ikesa: flag(true, "Set up further CHILD_SAs of an equal configuration in the IKE_SA that exists.", { reloadable: true }),
  send_delay: int(0, "Milliseconds that messages wait before they are sent, as receive_delay.", TEST_DELAY),
  send_delay_request: flag(true, "Whether send_delay applies to requests.", { reloadable: true }),
  send_delay_response: flag(true, "Whether send_delay applies to responses.", { reloadable: true }),
  send_delay_type: int(0, "Number of the exchange type that send_delay applies to, 0 for all.", EXCHANGE_TYPE),
  rsa_pss: flag(false, "Sign with RSASSA-PSS where RSA keys are used and the peer knows RFC 7427.", { reloadable: true }),
  multiple_authentication: flag(true, "Do several authentication rounds (RFC 4739) where a connection has them.", {
    reloadable: true,
  }),
  follow_redirects: flag(true, "Go to the gateway that a gateway sends us to (RFC 5685).", { reloadable: true }),
  hash_and_url: flag(
    false,
    "Fetch certificates that peers have elsewhere, and refer to ours where their authority has a `cert_uri_base`.",
    {
      reloadable: true,
    },
  ),
  signature_authentication: flag(true, "Offer and use digital signatures of RFC 7427 in IKE_AUTH.", { reloadable: true }),
  signature_authentication_constraints: flag(
    true,
    "Hold IKE signatures to the hashes of `leftauth` and `rightauth`, too; else only those behind `ike:` apply to them.",
    { reloadable: true },
  ),
  spi_label: u64(0n, "What the bits of spi_mask are in all SPIs of our IKE_SAs."),
  spi_mask: u64(0n, "Bits of the SPIs that spi_label gives; the last 22 never are, and 16 of the others must be left."),
  send_vendor_id: flag(
    false,
    "Send strongSwan's vendor ID, which BEET mode and algorithms of the private range need at both ends.",
    { reloadable: true },
  ),
  "x509.enforce_critical": flag(
    true,
    "Refuse certificates of peers that have a critical extension which is not known (RFC 5280).",
    {
      reloadable: true,
    },
  ),
} as const;

/** Values of `ikeOptions`. */
export type IkeOptions = OptionValues<typeof ikeOptions>;

/** What every host must take in one datagram, which `fragment_size = 0` stands for. */
const FAMILY_DATAGRAM = { 4: 576, 6: 1280 } as const;

/** Largest IP datagram of IKE fragments of an address family. */
export function fragmentSize(options: IkeOptions, family: 4 | 6): number {
  const own = family === 4 ? options.fragment_size_v4 : options.fragment_size_v6;
  return (own ?? options.fragment_size) || FAMILY_DATAGRAM[family];
}

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
