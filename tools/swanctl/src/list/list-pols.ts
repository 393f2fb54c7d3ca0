import type { Section } from "@cygnet/vici";
import { SwanctlExit } from "../context.js";
import type { Run } from "../context.js";
import { named } from "../control/control-commands.js";
import { askStream } from "../request.js";
import { labelText } from "./sa-text.js";

const KINDS = ["trap", "drop", "pass"];

/** Trap and shunt policies, all kinds unless some are asked for. */
export const listPols: Run = async (context) => {
  const { client, reporter, terminal, options } = context;
  const chosen = KINDS.filter((kind) => options.has(kind));
  const kinds = Object.fromEntries((chosen.length > 0 ? chosen : KINDS).map((kind) => [kind, true]));
  const answer = await askStream(client, "list-policies", "list-policy", { ...kinds, ...named(context, "child") }, (message) => {
    reporter.event("list-policy", message);
    if (reporter.isText) for (const [name, policy] of message.sections()) terminal.out(policyText(name, policy));
  });
  reporter.reply("list-policies", answer.message);
  return SwanctlExit.OK;
};

/** strongSwan 6 tells the reqid of a trap; where it has none, its swanctl prints "(null)". */
function policyText(name: string, policy: Section): string {
  const reqid = policy.text("reqid");
  const lines = [`${name}${reqid === undefined ? "" : `, reqid ${reqid}`}, ${policy.text("mode") ?? ""}`];
  const label = policy.text("label");
  if (label !== undefined) lines.push(`  label:  ${labelText(label)}`);
  for (const side of ["local", "remote"]) lines.push(`  ${`${side}:`.padEnd(7)} ${(policy.list(`${side}-ts`) ?? []).join(" ")}`);
  return `${lines.join("\n")}\n`;
}
