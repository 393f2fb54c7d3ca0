import type { Section } from "@cygnet/vici";
import { certificateText, crlText, pemText, publicKeyLines } from "@cygnet/x509";
import type { TextStyle } from "@cygnet/x509";
import { SwanctlExit } from "../context.js";
import type { Context, Run } from "../context.js";
import { named } from "../control/control-commands.js";
import { askStream } from "../request.js";

const TITLES: Readonly<Record<string, string>> = {
  "X509 NONE": "X.509 End Entity Certificates",
  "X509 CA": "X.509 CA Certificates",
  "X509 OCSP": "X.509 OCSP Signer Certificates",
  "X509 AA": "X.509 AA Certificates",
  "X509_AC NONE": "X.509 Attribute Certificates",
  "X509_CRL NONE": "X.509 CRLs",
  "OCSP_RESPONSE NONE": "OCSP Responses",
  "PUBKEY NONE": "Raw Public Keys",
};
const PEM_LABELS: Readonly<Record<string, string>> = {
  X509: "CERTIFICATE",
  X509_AC: "ATTRIBUTE CERTIFICATE",
  X509_CRL: "X509 CRL",
  PUBKEY: "PUBLIC KEY",
};

export const listCerts: Run = async (context) => {
  const { client, reporter, terminal, options } = context;
  const flag = options.text("flag");
  const data = { ...named(context, "type", "subject"), ...(flag === undefined ? {} : { flag: flag.toUpperCase() }) };
  let title: string | undefined;
  const answer = await askStream(client, "list-certs", "list-cert", data, (message) => {
    reporter.event("list-cert", message);
    if (!reporter.isText) return;
    if (options.has("pem")) return printPem(context, message);
    const kind = `${message.text("type") ?? ""} ${message.text("flag") ?? "NONE"}`;
    if (kind !== title) terminal.out(`\nList of ${TITLES[kind] ?? kind}\n`);
    title = kind;
    terminal.out(certText(context, message));
  });
  reporter.reply("list-certs", answer.message);
  return SwanctlExit.OK;
};

function printPem({ terminal }: Context, message: Section): void {
  const label = PEM_LABELS[message.text("type") ?? ""];
  if (label === undefined) return terminal.err("PEM encoding certificate failed\n");
  terminal.out(pemText(label, message.octets("data") ?? Buffer.alloc(0)));
}

function certText({ options, system }: Context, message: Section): string {
  const style: TextStyle = { isUtc: options.has("utc"), isShort: options.has("short"), now: system.now() };
  const data = Buffer.from(message.octets("data") ?? []);
  const hasPrivateKey = message.flag("has_privkey") === true;
  try {
    if (message.text("type") === "X509") return `\n${certificateText(data, hasPrivateKey, style)}`;
    if (message.text("type") === "X509_CRL") return `\n${crlText(data, style)}`;
    if (message.text("type") === "PUBKEY") {
      const subject = message.text("subject");
      const lines = [...(subject === undefined ? [] : [`  subject:  "${subject}"`]), ...publicKeyLines(data, hasPrivateKey)];
      return `\n${lines.join("\n")}\n`;
    }
  } catch (error) {
    return `\n  cannot be read: ${(error as Error).message}\n`;
  }
  return `\n  ${data.length} octets\n`;
}
