import { PluginError } from "@cygnet/plugin-api";
import { BACKEND } from "./backend.js";

/** A round of authentication of one side. */
export interface Round {
  readonly auth: "psk" | "pubkey";
  /** From 1 on. */
  readonly number: number;
}

/** The rounds that an option lists, and what stands there in place of a method. */
export interface ReadRounds {
  readonly rounds: readonly Round[];
  readonly unknown: readonly string[];
}

/** What is said with a reason for which there are none. */
export const NO_LOAD_TESTS = "until then there are no load tests";

/**
 * Reads `psk|pubkey`; what is no method stands for pubkey.
 * @throws {PluginError} CYG_LOAD_TESTER_AUTH for methods that this release does not have
 */
export function readRounds(option: string, text: string): ReadRounds {
  const methods = text.split("|").map((method) => method.trim());
  const other = methods.find((method) => /^(eap|xauth)(-|$)/.test(method));
  if (other !== undefined) {
    const reason = `${option} = ${other} is not supported by this release: use psk and pubkey, ${NO_LOAD_TESTS}`;
    throw new PluginError("CYG_LOAD_TESTER_AUTH", BACKEND, reason);
  }
  return {
    rounds: methods.map((method, i) => ({ auth: method === "psk" ? "psk" : "pubkey", number: i + 1 })),
    unknown: methods.filter((method) => method !== "psk" && method !== "pubkey"),
  };
}
