import { SwanctlExit } from "../context.js";
import type { Run } from "../context.js";
import { flag, named } from "../control/control-commands.js";
import { askStream } from "../request.js";
import { ikeSaText } from "./sa-text.js";

export const listSas: Run = async (context) => {
  const { client, reporter, terminal } = context;
  const data = { ...flag(context, "noblock"), ...named(context, "ike", "ike-id", "child", "child-id") };
  const answer = await askStream(client, "list-sas", "list-sa", data, (message) => {
    reporter.event("list-sa", message);
    if (reporter.isText) for (const [name, sa] of message.sections()) terminal.out(ikeSaText(name, sa));
  });
  reporter.reply("list-sas", answer.message);
  return SwanctlExit.OK;
};
