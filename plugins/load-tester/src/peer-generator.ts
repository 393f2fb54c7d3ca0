import { authRound, childDefinition, peerDefinition, PluginError } from "@cygnet/plugin-api";
import type { AuthRound, ChildDefinition, Host, IpsecMode, PeerDefinition } from "@cygnet/plugin-api";
import { NO_LOAD_TESTS, readRounds } from "./auth-rounds.js";
import type { Round } from "./auth-rounds.js";
import { BACKEND } from "./backend.js";
import { DEFAULT_DIGEST, digestOf } from "./certificates/signature-algorithm.js";
import { Identities } from "./identities.js";
import type { LoadTesterOptions } from "./load-tester-options.js";
import { Selectors, hasUniquePort } from "./selectors.js";
import type { ShardPlace } from "./shard-share.js";

/** Name of all connections and children, and of the backend that holds the responder's. */
export const LOAD_TEST = "load-test";

const IKE_PORT = 500;
const NAT_T_PORT = 4500;
const MAX_PORT = 65_535;
const MODES: readonly string[] = ["tunnel", "transport", "beet"] satisfies IpsecMode[];

/** Makes the definitions of load tests: number 0 is the responder's, others are initiations. */
export class PeerGenerator {
  readonly #options: LoadTesterOptions;
  readonly #selectors: Selectors;
  readonly #identities: Identities;
  readonly #initiatorRounds: readonly Round[];
  readonly #responderRounds: readonly Round[];
  /** One line for each option whose value is none, with what is used instead. */
  readonly notices: readonly string[];
  #lastInitiation: PeerDefinition | undefined;
  #lastEsp = "";
  /** Replaced by the defaults when the core refuses them. */
  proposal: string;
  esp: string;
  /** Name of the pool that the responder serves addresses from. */
  pool: string | undefined;

  /**
   * @throws {PluginError} CYG_LOAD_TESTER_AUTH for authentication that this release does not have, CYG_LOAD_TESTER_OPTION for another option
   * that it cannot do, CYG_LOAD_TESTER_FORMAT for an identity that cannot be filled in
   */
  constructor(options: LoadTesterOptions, place: ShardPlace) {
    this.#options = options;
    this.#selectors = new Selectors(place);
    this.proposal = options.proposal;
    this.esp = options.esp;
    this.pool = options.pool;
    this.#identities = new Identities(options);
    const notices: string[] = (this.notices = []);
    const roundsOf = (option: "initiator_auth" | "responder_auth"): readonly Round[] => {
      const { rounds, unknown } = readRounds(option, options[option]);
      notices.push(...unknown.map((method) => `load-tester ${option} '${method}' is unknown, using pubkey`));
      return rounds;
    };
    this.#initiatorRounds = roundsOf("initiator_auth");
    this.#responderRounds = roundsOf("responder_auth");
    const { digest, mode } = options;
    if (!MODES.includes(mode)) notices.push(`load-tester mode '${mode}' is unknown, using tunnel`);
    if (!digestOf(digest)) notices.push(`load-tester digest '${digest}' is unknown, using ${DEFAULT_DIGEST}`);
    checkAbilities(options);
    // Mistakes show at load.
    this.#localRounds(1);
    this.#remoteRounds(1);
    this.responder();
  }

  /** @returns undefined, and `refused` is told why, where the constructor throws */
  static of(options: LoadTesterOptions, place: ShardPlace, refused: (reason: string) => void): PeerGenerator | undefined {
    try {
      return new PeerGenerator(options, place);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      refused(error.message);
      return undefined;
    }
  }

  /** Whether a round of either side needs certificates. */
  get usesCertificates(): boolean {
    return [...this.#initiatorRounds, ...this.#responderRounds].some(({ auth }) => auth === "pubkey");
  }

  /** The one definition for all initiators to connect to. */
  responder(): PeerDefinition {
    const { responder, initiator, initiator_tsi, initiator_tsr } = this.#options;
    const { responder_tsi = initiator_tsi, responder_tsr = initiator_tsr } = this.#options;
    return peerDefinition(LOAD_TEST, {
      ...this.#common(),
      localAddresses: [responder],
      remoteAddresses: [initiator],
      local: this.#remoteRounds(0),
      remote: this.#initiatorRounds.map((round) => definition(round, this.#identities.initiators(round))),
      pools: this.pool === undefined ? [] : [this.pool],
      children: [this.#child(this.#selectors.forResponder(responder_tsr), this.#selectors.forResponder(responder_tsi))],
    });
  }

  /**
   * The definition of an initiation. What it has in common with others are the same objects, so that the core compiles that once.
   * @param number from 1 on
   * @param source address to use instead of the option's
   */
  initiator(number: number, source?: Host): PeerDefinition {
    const common = this.#initiation();
    const isForAll = this.#identities.responder(number, this.#responderRounds[0]!) === common.remote[0]!.id;
    return {
      ...common,
      localAddresses: source === undefined ? common.localAddresses : [source.toString()],
      localPort: this.#localPort(number),
      local: this.#localRounds(number),
      remote: isForAll ? common.remote : this.#remoteRounds(number),
      children: this.#hasUniquePorts ? [this.#initiatedChild()] : common.children,
    };
  }

  /** The definition of initiations, made anew when proposals were replaced. */
  #initiation(): PeerDefinition {
    const { proposal, esp } = this;
    const last = this.#lastInitiation;
    if (last !== undefined && last.proposals[0] === proposal && this.#lastEsp === esp) return last;
    this.#lastEsp = esp;
    const { responder, responder_port, dynamic_port, initiator, request_virtual_ip } = this.#options;
    return (this.#lastInitiation = peerDefinition(LOAD_TEST, {
      ...this.#common(),
      localAddresses: [initiator],
      remoteAddresses: [responder],
      remotePort: responder_port || (dynamic_port === 0 ? IKE_PORT : NAT_T_PORT),
      remote: this.#remoteRounds(1),
      virtualIps: request_virtual_ip ? ["0.0.0.0", "::"] : [],
      children: this.#hasUniquePorts ? [] : [this.#initiatedChild()],
    }));
  }

  /** Of an initiator. */
  #localRounds(number: number): AuthRound[] {
    return this.#initiatorRounds.map((round) => definition(round, this.#identities.initiator(number, round)));
  }

  /** Of the responder. */
  #remoteRounds(number: number): AuthRound[] {
    return this.#responderRounds.map((round) => definition(round, this.#identities.responder(number, round)));
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
      mode: MODES.includes(mode) ? (mode as IpsecMode) : "tunnel",
      rekeyTime: child_rekey,
      lifeTime: child_rekey * 2,
      jitterTime: 0,
    });
  }

  #initiatedChild(): ChildDefinition {
    const { initiator_tsi, initiator_tsr, request_virtual_ip } = this.#options;
    const local = request_virtual_ip ? ["dynamic"] : this.#selectors.forInitiation(initiator_tsi);
    return this.#child(local, this.#selectors.forInitiation(initiator_tsr));
  }

  get #hasUniquePorts(): boolean {
    const { initiator_tsi, initiator_tsr, request_virtual_ip } = this.#options;
    return (!request_virtual_ip && hasUniquePort(initiator_tsi)) || hasUniquePort(initiator_tsr);
  }

  /** With `dynamic_port` one of its own, and the first one again after the last that there is. */
  #localPort(number: number): number {
    const { dynamic_port: first } = this.#options;
    return first === 0 ? IKE_PORT : first + ((number - 1) % (MAX_PORT + 1 - first));
  }
}

const ROUNDS = { psk: authRound({ auth: "psk" }), pubkey: authRound({ auth: "pubkey" }) } as const;
const definition = ({ auth }: Round, id: string): AuthRound => ({ ...ROUNDS[auth], id });

/** What another release brings. */
function checkAbilities({ version }: LoadTesterOptions): void {
  if (version !== 1) return;
  const reason = "version = 1 asks for IKEv1, which this release does not speak: set it to 0 or 2";
  throw new PluginError("CYG_LOAD_TESTER_OPTION", BACKEND, `${reason}, ${NO_LOAD_TESTS}`);
}
