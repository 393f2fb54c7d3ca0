import { CommandLineError, ExitCode } from "@cygnet/command";
import type { CommandOptions } from "@cygnet/command";
import { EXTENSION, REVOCATION_REASONS, nameText, octetsOf, readRevocationList } from "@cygnet/x509";
import type { RevokedEntry } from "@cygnet/x509";
import { AUTHORITY_RULES, readAuthority } from "../input/authority.js";
import type { Authority } from "../input/authority.js";
import { certificateOf } from "../input/certificate.js";
import { readNamedFile } from "../input/read-file.js";
import { revocationListDer } from "../input/revocation-list.js";
import { checkedOid } from "../options/certificate-features.js";
import { OUTFORM, outformOf, writeEncoded } from "../options/outform.js";
import { parseSerial } from "../options/serial-number.js";
import { SIGNATURE_RULES, SIGNATURE_USAGE, readSignatureOptions } from "../options/signature.js";
import { readValidity, validityRules } from "../options/validity.js";
import { PkiError, attempt } from "../pki-error.js";
import type { Context } from "../pki-system.js";
import { makeRevocationList } from "../x509/revocation-list.js";
import { Signer } from "../x509/signature-algorithm.js";
import { value } from "./command.js";
import type { PkiCommand } from "./command.js";

const DAYS = 15;
/** Reasons that can be given, with hyphens, by their number. */
const REASONS: ReadonlyMap<string, number> = new Map(
  REVOCATION_REASONS.slice(1, 7).map((reason, index) => [reason.replaceAll(" ", "-"), index + 1]),
);
const FIRST_NUMBER = Buffer.of(1);

export const signcrl: PkiCommand = {
  name: "signcrl",
  letter: "c",
  description: "issue a CRL with an authority's certificate and key",
  usage: [
    "--cacert FILE --cakey FILE [--lifetime DAYS] [--this-update TIME] [--next-update TIME] [--dateform FORMAT]",
    "[--lastcrl FILE] [--basecrl FILE] [--crluri URI]+ [--critical OID]+",
    `[[--reason ${[...REASONS.keys()].join("|")}]`,
    " [--date SECONDS] --cert FILE|--serial HEX]+",
    ...SIGNATURE_USAGE,
    "[--outform der|pem]",
  ],
  options: [
    ...AUTHORITY_RULES,
    ...validityRules("this-update", "next-update", DAYS),
    value("lastcrl", "a", "file of the CRL before, whose certificates stay revoked"),
    value("basecrl", "b", "file of the CRL that this one adds to, as a delta CRL"),
    value("crluri", "u", "URI of a delta CRL to this one, may be repeated"),
    value("cert", "z", "file of a certificate to revoke, may be repeated"),
    value("serial", "s", "serial number in hex of a certificate to revoke, may be repeated"),
    value("reason", "r", "why the next one is revoked"),
    value("date", "d", "when the next one was revoked, in seconds since 1970, default: now"),
    value("critical", "X", "OID of a critical extension without content, for tests"),
    ...SIGNATURE_RULES,
    OUTFORM,
  ],
  run,
};

async function run(context: Context): Promise<number> {
  const { options } = context;
  const validity = readValidity(context, "this-update", "next-update", DAYS);
  const critical = options.all("critical").map((oid) => checkedOid("critical", oid));
  const signatureOptions = readSignatureOptions(options);
  outformOf(context);
  const added = readRevocations(context);
  const { certificate, key } = await readAuthority(context);
  if (!certificate.isCa && !certificate.maySignCrls)
    throw new PkiError("CA certificate misses CA basicConstraint / CRLSign keyUsage");
  const last = readList(options, "lastcrl", certificate);
  const base = readList(options, "basecrl", certificate);
  const known = new Set(added.map(({ serial }) => serialKey(serial)));
  const content = {
    issuer: certificate.subject,
    authorityKeyId: certificate.keyId,
    validity,
    number: nextNumber([last, base]),
    baseNumber: base?.number,
    deltaUris: options.all("crluri"),
    critical,
    revoked: [...added, ...(last?.revoked ?? []).filter(({ serial }) => !known.has(serialKey(serial)))],
  };
  writeEncoded(context, "X509 CRL", makeRevocationList(content, new Signer(key, signatureOptions)));
  return ExitCode.OK;
}

/** Certificates of `--cert` and `--serial`, each with the reason and date that were given since the one before. */
function readRevocations({ options, system }: Context): RevokedEntry[] {
  const revoked: RevokedEntry[] = [];
  let reason = 0;
  let date: Date | undefined;
  for (const [name, text] of options.inOrder) {
    if (name === "reason") reason = readReason(text);
    else if (name === "date") date = readDate(text);
    else if (name === "cert" || name === "serial") {
      const serial = name === "serial" ? parseSerial(text) : certificateOf(readNamedFile(text)).serial;
      revoked.push({ serial, date: date ?? new Date(system.now()), reason });
      reason = 0;
      date = undefined;
    }
  }
  if (reason !== 0 || date !== undefined) throw new CommandLineError("no --cert or --serial follows the last --reason or --date");
  return revoked;
}

function readReason(text: string): number {
  const reason = REASONS.get(text);
  if (reason === undefined)
    throw new CommandLineError(`option '--reason': '${text}' is none of ${[...REASONS.keys()].join(", ")}`);
  return reason;
}

function readDate(text: string): Date {
  if (!/^\d{1,11}$/.test(text)) throw new CommandLineError(`option '--date': '${text}' are no seconds since 1970`);
  return new Date(Number(text) * 1000);
}

/** What is taken from a CRL that was made before. */
interface KnownList {
  /** Content octets of its number; one without counts as number 0. */
  readonly number: Buffer;
  readonly revoked: readonly RevokedEntry[];
}

/** @throws {PkiError} for what is no CRL, or one of somebody else */
function readList(options: CommandOptions, option: string, { subject }: Authority["certificate"]): KnownList | undefined {
  const file = options.text(option);
  if (file === undefined) return undefined;
  const input = readNamedFile(file);
  const { name } = input;
  return attempt(`${name} is no CRL`, () => {
    const { issuer, revoked, extensions } = readRevocationList(revocationListDer(input));
    if (nameText(issuer) !== nameText(subject)) throw new PkiError(`${name} is a CRL of "${nameText(issuer)}"`);
    const number = extensions.get(EXTENSION.CRL_NUMBER);
    return { revoked, number: number === undefined ? Buffer.of(0) : octetsOf(number) };
  });
}

/** One more than the largest. */
function nextNumber(lists: readonly (KnownList | undefined)[]): Buffer {
  const numbers = lists.flatMap((list) => (list === undefined ? [] : [BigInt(`0x0${list.number.toString("hex")}`)]));
  if (numbers.length === 0) return FIRST_NUMBER;
  const next = (numbers.reduce((a, b) => (a > b ? a : b)) + 1n).toString(16);
  return Buffer.from(next.length % 2 === 0 ? next : `0${next}`, "hex");
}

function serialKey(serial: Buffer): string {
  return serial.toString("hex").replace(/^(?:00)+(?=.)/, "");
}
