import type { Section } from "@cygnet/vici";
import { SwanctlExit } from "../context.js";
import type { Run } from "../context.js";
import { named } from "../control/control-commands.js";
import { askStream } from "../request.js";

export const listAuthorities: Run = async (context) => {
  const { client, reporter, terminal } = context;
  const answer = await askStream(client, "list-authorities", "list-authority", named(context, "name"), (message) => {
    // So it is called there.
    reporter.event("list-authority", message, "list-authorities event");
    if (reporter.isText) for (const [name, authority] of message.sections()) terminal.out(authorityText(name, authority));
  });
  reporter.reply("list-authorities", answer.message);
  return SwanctlExit.OK;
};

function authorityText(name: string, authority: Section): string {
  const lines = [`${name}:`];
  const cacert = authority.text("cacert");
  if (cacert !== undefined) lines.push(`  cacert: ${cacert}`);
  for (const key of ["crl_uris", "ocsp_uris"])
    for (const [index, uri] of (authority.list(key) ?? []).entries())
      lines.push(`  ${(index === 0 ? `${key}:` : "").padEnd(10)} ${uri}`);
  const base = authority.text("cert_uri_base");
  if (base !== undefined) lines.push(`  cert_uri_base: ${base}`);
  return `${lines.join("\n")}\n`;
}
