import { CommandLineError, ExitCode } from "@cygnet/command";
import { dateText, derOf, nameText, pemText } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { certificateDer, certificateOf } from "../input/certificate.js";
import { privateKeyOf } from "../input/keys.js";
import { readInput, readNamedFile } from "../input/read-file.js";
import type { Input } from "../input/read-file.js";
import { PkiError, attempt } from "../pki-error.js";
import type { Context } from "../pki-system.js";
import { CONTENT, readContentInfo } from "../x509/content-info.js";
import type { ContentInfo } from "../x509/content-info.js";
import { makeEnvelopedData, openEnvelopedData } from "../x509/enveloped-data.js";
import { Signer } from "../x509/signature-algorithm.js";
import { makeSignedData, readSignedData, rightSignatures } from "../x509/signed-data.js";
import { flag, value } from "./command.js";
import type { PkiCommand } from "./command.js";

const LABELS = ["PKCS7", "CMS"];
const NAMES: Readonly<Record<string, string>> = {
  [CONTENT.DATA]: "PKCS7_DATA",
  [CONTENT.SIGNED_DATA]: "PKCS7_SIGNED_DATA",
  [CONTENT.ENVELOPED_DATA]: "PKCS7_ENVELOPED_DATA",
};

const ACTIONS = { sign, verify, encrypt, decrypt, show } as const;

export const pkcs7: PkiCommand = {
  name: "pkcs7",
  letter: "7",
  description: "make, open and show PKCS#7 containers",
  usage: [`--${Object.keys(ACTIONS).join("|--")}`, "[--in FILE] [--cert FILE]+ [--key FILE]"],
  options: [
    flag("sign", "s", "sign data with a key and its certificate"),
    flag("verify", "u", "verify signed data with certificates that are trusted, and write it"),
    flag("encrypt", "e", "encrypt data for who has the key of a certificate"),
    flag("decrypt", "d", "decrypt data with a key and its certificate"),
    flag("show", "p", "tell the type, and write the certificates in it"),
    value("in", "i", "file of the data or container, default: standard input"),
    value("key", "k", "file of the private key to sign or decrypt with"),
    value("cert", "c", "file of a certificate, may be repeated"),
  ],
  run,
};

async function run(context: Context): Promise<number> {
  const wanted = Object.entries(ACTIONS).filter(([name]) => context.options.has(name));
  if (wanted.length !== 1) throw new CommandLineError(`one of --${Object.keys(ACTIONS).join(", --")} is required`);
  return wanted[0]![1](context);
}

async function sign(context: Context): Promise<number> {
  const certificate = certificatesOf(context)[0] ?? missing("requiring a certificate!");
  const key = await keyOf(context, "signing requires a private key");
  const { system } = context;
  const data = readInput(context).octets;
  const signer = new Signer(key, { digest: "sha256", rsaPadding: "pkcs1" });
  system.write(makeSignedData(data, certificate, signer, new Date(system.now())));
  return ExitCode.OK;
}

async function verify(context: Context): Promise<number> {
  const { system, terminal } = context;
  const trusted = certificatesOf(context);
  const input = readInput(context);
  const data = attempt(`${input.name} cannot be read`, () => readSignedData(contentOf(input, CONTENT.SIGNED_DATA)));
  const signatures = attempt(`${input.name} cannot be verified`, () => rightSignatures(data, trusted));
  // What it needs of the daemon takes a while to load.
  const { verifyCertificate } = await import("../x509/verification.js");
  const tell = (line: string): void => terminal.err(`${line}\n`);
  let isSigned = false;
  for (const { certificate, at } of signatures) {
    if (trusted.length === 0) break;
    const evidence = { certificate, authorities: trusted, lists: [], untrusted: data.certificates };
    const { isTrusted, isValid } = verifyCertificate(evidence, system.now(), tell);
    if (!isTrusted || !isValid) continue;
    tell(`signed by '${subjectOf(certificate)}'${at === undefined ? "" : ` at ${dateText(at, false)}`}`);
    isSigned = true;
  }
  if (!isSigned) throw new PkiError("no trusted signature found");
  system.write(data.content!);
  return ExitCode.OK;
}

function encrypt(context: Context): Promise<number> {
  const [certificate = missing("requiring a certificate!")] = certificatesOf(context);
  const { publicKey } = certificateOf({ octets: certificate, name: "the certificate" });
  if (publicKey.asymmetricKeyType !== "rsa") throw new PkiError("only data for RSA keys can be encrypted");
  context.system.write(makeEnvelopedData(readInput(context).octets, certificate, publicKey));
  return Promise.resolve(ExitCode.OK);
}

async function decrypt(context: Context): Promise<number> {
  const key = await keyOf(context, "decryption requires a private key");
  if (key.asymmetricKeyType !== "rsa") throw new PkiError("only RSA keys decrypt");
  const input = readInput(context);
  const content = contentOf(input, CONTENT.ENVELOPED_DATA);
  const data = attempt(`${input.name} cannot be opened`, () => openEnvelopedData(content, certificatesOf(context), key));
  if (data === undefined) throw new PkiError("no private key found to decrypt pkcs7");
  context.system.write(data);
  return ExitCode.OK;
}

function show(context: Context): Promise<number> {
  const { terminal } = context;
  const input = readInput(context);
  const { type, content } = containerOf(input);
  terminal.err(`${NAMES[type] ?? type}\n`);
  if (type === CONTENT.SIGNED_DATA) {
    const { certificates } = attempt(`${input.name} cannot be read`, () => readSignedData(content));
    for (const each of certificates) terminal.out(pemText("CERTIFICATE", each));
  }
  return Promise.resolve(ExitCode.OK);
}

const certificatesOf = ({ options }: Context): Buffer[] => options.all("cert").map((file) => certificateDer(readNamedFile(file)));

function keyOf(context: Context, problem: string): ReturnType<typeof privateKeyOf> {
  return privateKeyOf(readNamedFile(context.options.text("key") ?? missing(problem)), "priv", context);
}

function containerOf({ octets, name }: Input): ContentInfo {
  const der = derOf(octets, LABELS) ?? missing(`${name} has no PKCS#7 container`);
  return attempt(`${name} is no PKCS#7 container`, () => readContentInfo(der));
}

function contentOf(input: Input, type: string): Der | undefined {
  const found = containerOf(input);
  if (found.type !== type) throw new PkiError(`${input.name} is ${NAMES[found.type] ?? found.type}, not ${NAMES[type]}`);
  return found.content;
}

function subjectOf(certificate: Buffer): string {
  return nameText(certificateOf({ octets: certificate, name: "the certificate" }).subject);
}

function missing(problem: string): never {
  throw new PkiError(problem);
}
