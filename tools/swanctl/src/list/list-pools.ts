import type { Section } from "@cygnet/vici";
import { SwanctlExit } from "../context.js";
import type { Run } from "../context.js";
import { flag, named } from "../control/control-commands.js";
import { ask } from "../request.js";

export const listPools: Run = async (context) => {
  const { client, reporter, terminal } = context;
  const { message } = await ask(client, "get-pools", { ...flag(context, "leases"), ...named(context, "name") });
  reporter.reply("get-pools", message);
  if (reporter.isText) for (const [name, pool] of message.sections()) terminal.out(poolText(name, pool));
  return SwanctlExit.OK;
};

function poolText(name: string, pool: Section): string {
  const count = (key: string): string => pool.text(key) ?? "";
  const usage = `${count("online")} / ${count("offline")} / ${count("size")}`;
  const lines = [`${name.padEnd(20)} ${count("base").padEnd(30)} ${usage.padStart(16)}`];
  for (const [, lease] of pool.section("leases")?.sections() ?? [])
    lines.push(
      `  ${(lease.text("address") ?? "").padEnd(30)} ${(lease.text("status") ?? "").padEnd(8)} '${lease.text("identity") ?? ""}'`,
    );
  return `${lines.join("\n")}\n`;
}
