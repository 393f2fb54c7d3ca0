import { flag, int, section, text, u16 } from "@cygnet/plugin-api";
import type { OptionValues } from "@cygnet/plugin-api";
import { DEFAULT_DIGEST } from "./certificates/signature-algorithm.js";

export const DEFAULT_PROPOSAL = "aes128-sha1-modp768";
export const DEFAULT_ESP = "aes128-sha1";

const MAX_SECONDS = 0x7fff_ffff;
const count = (value: number, description: string) => int(value, description, { min: 0 });
const seconds = (value: number, description: string) => int(value, description, { min: 0, max: MAX_SECONDS });

/** Options below `charon.plugins.load-tester`. */
export const LOAD_TESTER_OPTIONS = {
  enable: flag(false, "Whether the plugin is loaded. Anybody can authenticate with its known key: never on a gateway in use."),
  fake_kernel: flag(
    false,
    "Provide an IPsec stack that only pretends. The plugin must stand before other such plugins in `load`.",
  ),
  initiators: count(0, "Initiators that start with the daemon."),
  iterations: count(1, "Initiations of each initiator, 0 for as long as the daemon runs."),
  delay: count(0, "Milliseconds that an initiator waits after each initiation."),
  init_limit: count(0, "Initiators wait while more IKE_SAs than this are being set up, 0 for no limit."),
  initiator: text("0.0.0.0", "Local address of initiations, and the peer's as responder."),
  responder: text("127.0.0.1", "Remote address of initiations, and our own as responder."),
  responder_port: u16(0, "Remote port of initiations, 0 for 500, with dynamic_port for 4500. Not strongSwan's, ours."),
  start_on_request: flag(false, "The initiators wait for START on the control socket. Not strongSwan's, ours."),
  proposal: text(DEFAULT_PROPOSAL, "IKE proposal, exactly one."),
  esp: text(DEFAULT_ESP, "ESP proposal, exactly one."),
  mode: text("tunnel", "Mode of CHILD_SAs: tunnel, transport or beet."),
  initiator_auth: text(
    "pubkey",
    "Authentication of the initiator: rounds of psk and pubkey, separated by `|`. This release has no eap and xauth.",
  ),
  responder_auth: text("pubkey", "Authentication of the responder, as initiator_auth."),
  initiator_id: text(
    undefined,
    "Identity of initiators: a format of the initiation's number and the authentication round, as `c%d-r%d`.",
  ),
  initiator_match: text(
    undefined,
    "Identity that the responder expects if initiator_id is set: a format of the authentication round.",
  ),
  responder_id: text(undefined, "Identity of the responder: a format of the initiation's number (0 as responder) and the round."),
  preshared_key: text("default-psk", "Preshared key of everybody.", { isSecret: true }),
  request_virtual_ip: flag(false, "Ask for virtual IPs of both families."),
  pool: text(undefined, "Pool that virtual IPs are served from: its name, or its addresses as 10.3.0.0/16 or 10.3.0.1-10.3.0.9."),
  initiator_tsi: text(
    undefined,
    "Initiator's traffic selectors as initiator, separated by commas: `SUBNET[PROTOCOL/PORT]`, `%dynamic`; port `%unique` is another one each time.",
  ),
  initiator_tsr: text(undefined, "Responder's traffic selectors as initiator."),
  responder_tsi: text(undefined, "Initiator's traffic selectors as responder; initiator_tsi if not set."),
  responder_tsr: text(undefined, "Responder's traffic selectors as responder; initiator_tsr if not set."),
  ike_rekey: seconds(0, "Seconds until an IKE_SA is rekeyed, 0 for never."),
  child_rekey: int(600, "Seconds until a CHILD_SA is rekeyed; it lives twice as long.", {
    min: 0,
    max: Math.floor(MAX_SECONDS / 2),
  }),
  dpd_delay: seconds(0, "Seconds between liveness checks of a silent peer, 0 for none."),
  dpd_timeout: seconds(0, "Seconds until a silent peer counts as dead (IKEv1)."),
  dynamic_port: u16(
    0,
    "Local port of the first initiation, the next one of the second and so on, to remote port 4500; 0 for the daemon's port. Needs the plugin socket-dynamic.",
  ),
  delete_after_established: flag(false, "Delete each IKE_SA once it is established, whoever initiated it."),
  shutdown_when_complete: flag(false, "End the daemon when the initiators' initiations are established or failed."),
  version: int(0, "IKE version, 0 for IKEv2 as initiator and any as responder. This release does not support 1.", {
    min: 0,
    max: 2,
  }),
  addrs: section(
    "Source addresses of initiations: keys are interfaces, values pools as 10.0.0.0/16 or 10.0.0.1-10.0.0.9, separated by commas.",
  ),
  addrs_prefix: int(16, "Prefix that source addresses are installed with, -1 for single addresses.", { min: -1, max: 128 }),
  addrs_keep: flag(false, "Keep source addresses until the daemon ends, instead of only as long as their IKE_SA."),
  socket: text(undefined, "Control socket; unix://<piddir>/charon.ldt if not set."),
  ca_dir: text(undefined, "Directory of further CA certificates."),
  issuer_cert: text(
    undefined,
    "CA certificate that issues everybody's certificates; one that is built in, and known to anybody, if not set.",
  ),
  issuer_key: text(undefined, "Private key of issuer_cert, which is everybody's: RSA, ECDSA, Ed25519 or Ed448."),
  digest: text(DEFAULT_DIGEST, "Hash that certificates are signed with: sha1, sha224, sha256, sha384 or sha512."),
  crl: text(undefined, "CRL distribution point of issued certificates."),
  eap_password: text(undefined, "EAP and XAuth password of everybody. Not supported by this release.", { isSecret: true }),
} as const;

/** Values of `LOAD_TESTER_OPTIONS`. */
export type LoadTesterOptions = OptionValues<typeof LOAD_TESTER_OPTIONS>;

/** Options that need EAP, which this release does not have. */
const UNSUPPORTED = ["eap_password"] as const;

/** One line for each option that is set but has no effect. */
export function unsupportedOptions(options: LoadTesterOptions): string[] {
  return UNSUPPORTED.filter((key) => options[key] !== undefined).map(
    (key) => `charon.plugins.load-tester.${key} is set, but this release does not support it: it has no effect`,
  );
}
