import type { CounterQuery } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import { counterLines } from "../format/index.js";
import type { CommandContext, Reply } from "./command.js";

/** Name that stands for all connections that have counters. */
const ALL = "all";

/** `listcounters [NAME|all]` and `resetcounters [NAME|all]` */
export async function counters(
  { fields }: StrokeMessage<StrokeMessageType.COUNTERS>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  const query = context.counters();
  if (!query) return reply.write(["", "No counters available (plugin missing?)", ""]);
  const names = fields.name === ALL ? await query.connections() : [fields.name ?? undefined];
  for (const name of names) {
    if (fields.reset !== 0) await query.reset(name);
    else await reply.write(await listing(query, name));
  }
}

async function listing(query: CounterQuery, name: string | undefined): Promise<string[]> {
  const values = await query.values(name);
  return values ? counterLines(name, values) : [`No IKE counters found for '${name ?? ""}'`];
}
