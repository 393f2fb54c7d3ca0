import { authRound, childDefinition, peerDefinition, PluginError } from "@cygnet/plugin-api";
import type { AuthRound, ChildDefinition, Host, IpsecMode, PeerDefinition } from "@cygnet/plugin-api";
import type { LoadTesterOptions } from "./load-tester-options.js";
import { formatNumbers } from "./number-format.js";
import { Selectors } from "./selectors.js";

/** Name of all connections and children, and of the backend that holds the responder's. */
export const LOAD_TEST = "load-test";

const IKE_PORT = 500;
const NAT_T_PORT = 4500;
const MODES: readonly string[] = ["tunnel", "transport", "beet"] satisfies IpsecMode[];
const RESPONDER_ID = "srv.strongswan.org";
const INITIATOR_MATCH = "*.strongswan.org";

/** Makes the definitions of load tests: number 0 is the responder's, others are initiations. */
export class PeerGenerator {
  readonly #options: LoadTesterOptions;
  readonly #selectors = new Selectors();
  /** Rounds of authentication of each side. */
  readonly #initiatorRounds: number;
  readonly #responderRounds: number;
  /** Replaced by the defaults when the core refuses them. */
  proposal: string;
  esp: string;
  /** Name of the pool that the responder serves addresses from. */
  pool: string | undefined;

  /**
   * @throws {PluginError} CYG_LOAD_TESTER_AUTH for methods of authentication that this release does not have, CYG_LOAD_TESTER_FORMAT for
   * an identity that cannot be filled in
   */
  constructor(options: LoadTesterOptions) {
    this.#options = options;
    this.proposal = options.proposal;
    this.esp = options.esp;
    this.pool = options.pool;
    this.#initiatorRounds = pskRounds("initiator_auth", options.initiator_auth);
    this.#responderRounds = pskRounds("responder_auth", options.responder_auth);
    // Mistakes show at load.
    this.#initiator(1);
    this.responder();
  }

  /** Whether the option names a mode; other texts mean tunnel. */
  get hasValidMode(): boolean {
    return MODES.includes(this.#options.mode);
  }

  /** The one definition for all initiators to connect to. */
  responder(): PeerDefinition {
    const { responder, initiator, initiator_tsi, initiator_tsr } = this.#options;
    const { responder_tsi = initiator_tsi, responder_tsr = initiator_tsr } = this.#options;
    return peerDefinition(LOAD_TEST, {
      ...this.#common(),
      localAddresses: [responder],
      remoteAddresses: [initiator],
      local: this.#responderAuth(0),
      remote: rounds(this.#initiatorRounds, (round) => this.#initiatorMatch(round)),
      pools: this.pool === undefined ? [] : [this.pool],
      children: [this.#child(this.#selectors.forResponder(responder_tsr), this.#selectors.forResponder(responder_tsi))],
    });
  }

  /**
   * The definition of an initiation.
   * @param number from 1 on
   * @param source address to use instead of the option's
   */
  initiator(number: number, source?: Host): PeerDefinition {
    const { dynamic_port: port, responder_port, initiator, initiator_tsi, initiator_tsr, request_virtual_ip } = this.#options;
    const local = request_virtual_ip ? ["dynamic"] : this.#selectors.forInitiation(initiator_tsi);
    return {
      ...this.#initiator(number),
      localAddresses: [source?.toString() ?? initiator],
      localPort: port === 0 ? IKE_PORT : port + number - 1,
      remotePort: responder_port || (port === 0 ? IKE_PORT : NAT_T_PORT),
      children: [this.#child(local, this.#selectors.forInitiation(initiator_tsr))],
    };
  }

  /** All of it but addresses and selectors. */
  #initiator(number: number): PeerDefinition {
    const { responder, initiator_id, request_virtual_ip } = this.#options;
    return peerDefinition(LOAD_TEST, {
      ...this.#common(),
      remoteAddresses: [responder],
      local: rounds(this.#initiatorRounds, (round) =>
        initiator_id === undefined
          ? `c${number}-r${round}.strongswan.org`
          : formatNumbers("initiator_id", initiator_id, [number, round]),
      ),
      remote: this.#responderAuth(number),
      virtualIps: request_virtual_ip ? ["0.0.0.0", "::"] : [],
    });
  }

  #common(): Partial<PeerDefinition> {
    const { version, ike_rekey, dpd_delay, dpd_timeout } = this.#options;
    return {
      version: version as PeerDefinition["version"],
      proposals: [this.proposal],
      unique: "no",
      keyingTries: 1,
      rekeyTime: ike_rekey,
      overTime: ike_rekey,
      dpdDelay: dpd_delay,
      dpdTimeout: dpd_timeout,
      mobike: false,
    };
  }

  #child(localTs: string[], remoteTs: string[]): ChildDefinition {
    const { child_rekey, mode } = this.#options;
    return childDefinition(LOAD_TEST, {
      localTs,
      remoteTs,
      proposals: [this.esp],
      mode: this.hasValidMode ? (mode as IpsecMode) : "tunnel",
      rekeyTime: child_rekey,
      lifeTime: child_rekey * 2,
      jitterTime: 0,
    });
  }

  #responderAuth(number: number): AuthRound[] {
    const { responder_id } = this.#options;
    return rounds(this.#responderRounds, (round) =>
      responder_id === undefined ? RESPONDER_ID : formatNumbers("responder_id", responder_id, [number, round]),
    );
  }

  #initiatorMatch(round: number): string {
    const { initiator_id, initiator_match } = this.#options;
    if (initiator_id === undefined) return INITIATOR_MATCH;
    if (initiator_match === undefined) return formatNumbers("initiator_id", initiator_id, [0, round]);
    return formatNumbers("initiator_match", initiator_match, [round]);
  }
}

function rounds(count: number, id: (round: number) => string): AuthRound[] {
  return Array.from({ length: count }, (_, i) => authRound({ auth: "psk", id: id(i + 1) }));
}

function pskRounds(option: string, text: string): number {
  const methods = text.split("|").map((method) => method.trim());
  const other = methods.find((method) => method !== "psk");
  if (other === undefined) return methods.length;
  throw new PluginError(
    "CYG_LOAD_TESTER_AUTH",
    "load-tester",
    `${option} = ${other} is not supported by this release: set initiator_auth and responder_auth to psk, until then there are no load tests`,
  );
}
