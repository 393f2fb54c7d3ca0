import type { Round } from "./auth-rounds.js";
import type { LoadTesterOptions } from "./load-tester-options.js";
import { formatNumbers } from "./number-format.js";

const RESPONDER = { psk: "srv.strongswan.org", pubkey: "CN=srv, OU=load-test, O=strongSwan" } as const;
const INITIATOR_MATCH = { psk: "*.strongswan.org", pubkey: "CN=*, OU=load-test, O=strongSwan" } as const;

/** Who takes part in a load test: by the options' formats, or as strongSwan's load tests have it for each method. */
export class Identities {
  /** Formats are looked at when they are used. */
  constructor(private readonly options: Pick<LoadTesterOptions, "initiator_id" | "initiator_match" | "responder_id">) {}

  /** @param number of the initiation, 0 for what the responder has of itself. @throws {PluginError} CYG_LOAD_TESTER_FORMAT, here and below */
  responder(number: number, { auth, number: round }: Round): string {
    const { responder_id } = this.options;
    return responder_id === undefined ? RESPONDER[auth] : formatNumbers("responder_id", responder_id, [number, round]);
  }

  initiator(number: number, { auth, number: round }: Round): string {
    const { initiator_id } = this.options;
    if (initiator_id !== undefined) return formatNumbers("initiator_id", initiator_id, [number, round]);
    const name = `c${number}-r${round}`;
    return auth === "psk" ? `${name}.strongswan.org` : `CN=${name}, OU=load-test, O=strongSwan`;
  }

  /** What the responder takes for initiators. */
  initiators({ auth, number: round }: Round): string {
    const { initiator_id, initiator_match } = this.options;
    if (initiator_id === undefined) return INITIATOR_MATCH[auth];
    if (initiator_match === undefined) return formatNumbers("initiator_id", initiator_id, [0, round]);
    return formatNumbers("initiator_match", initiator_match, [round]);
  }
}
