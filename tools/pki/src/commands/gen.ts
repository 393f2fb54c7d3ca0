import { CommandLineError, ExitCode } from "@cygnet/command";
import { generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { OUTFORM, outformOf } from "../options/outform.js";
import { numberOf, oneOf, refuse } from "../options/option-values.js";
import { writeEncoded } from "../options/outform.js";
import { PkiError, attempt } from "../pki-error.js";
import type { Context } from "../pki-system.js";
import { flag, value } from "./command.js";
import type { PkiCommand } from "./command.js";
import { safePrimeKey } from "./safe-primes.js";

const TYPES = ["rsa", "ecdsa", "ed25519", "ed448"] as const;
const CURVES: Readonly<Record<number, string>> = { 256: "P-256", 384: "P-384", 521: "P-521" };
const DEFAULT_BITS = { rsa: 2048, ecdsa: 384, ed25519: 256, ed448: 456 } as const;
/** What OpenSSL takes. */
const MIN_RSA_BITS = 512;
const MAX_RSA_BITS = 16_384;

export const gen: PkiCommand = {
  name: "gen",
  letter: "g",
  description: "make a new private key",
  usage: [`[--type ${TYPES.join("|")}] [--size BITS] [--safe-primes] [--outform der|pem]`],
  options: [
    value("type", "t", "type of key, default: rsa"),
    value("size", "s", "size in bits, default: 2048 of rsa, 384 of ecdsa"),
    flag("safe-primes", "p", "RSA of safe primes, which takes minutes"),
    value("shares", "n", "shares of the key, not supported"),
    value("threshold", "l", "shares that are needed, not supported"),
    OUTFORM,
  ],
  run,
};

async function run(context: Context): Promise<number> {
  const { options } = context;
  refuse(options, "shares", "threshold");
  if (options.text("type") === "bliss") throw new PkiError("there are no BLISS keys, as in strongSwan 6");
  const type = oneOf(options, "type", TYPES, "rsa");
  outformOf(context);
  const bits = numberOf(options, "size", 1, MAX_RSA_BITS) ?? DEFAULT_BITS[type];
  const isSafe = options.has("safe-primes");
  if (isSafe && type !== "rsa") throw new CommandLineError("--safe-primes are for RSA keys");
  const key = await generate(type, bits, isSafe);
  if (type === "rsa") writeEncoded(context, "RSA PRIVATE KEY", key.export({ format: "der", type: "pkcs1" }));
  else if (type === "ecdsa") writeEncoded(context, "EC PRIVATE KEY", key.export({ format: "der", type: "sec1" }));
  else writeEncoded(context, "PRIVATE KEY", key.export({ format: "der", type: "pkcs8" }));
  return ExitCode.OK;
}

async function generate(type: (typeof TYPES)[number], bits: number, isSafe: boolean): Promise<KeyObject> {
  switch (type) {
    case "rsa":
      if (bits < MIN_RSA_BITS) throw new PkiError(`RSA keys have ${MIN_RSA_BITS} bits or more, not ${bits}`);
      if (isSafe) return safePrimeKey(bits);
      return attempt("private key generation failed", () => generateKeyPairSync("rsa", { modulusLength: bits }).privateKey);
    case "ecdsa": {
      const namedCurve = CURVES[bits];
      if (namedCurve === undefined) throw new PkiError(`ECDSA keys have ${Object.keys(CURVES).join(", ")} bits, not ${bits}`);
      return generateKeyPairSync("ec", { namedCurve }).privateKey;
    }
    default:
      if (bits !== DEFAULT_BITS[type]) throw new PkiError(`keys of type ${type} have ${DEFAULT_BITS[type]} bits, not ${bits}`);
      return type === "ed25519" ? generateKeyPairSync("ed25519").privateKey : generateKeyPairSync("ed448").privateKey;
  }
}
