import type { CounterQuery } from "@cygnet/plugin-api";
import type { Section } from "@cygnet/vici";
import { sectionName } from "../format/index.js";
import { CommandFailed, DONE } from "./command.js";
import type { Command, CommandContext } from "./command.js";

/** The counters' names here, in the order in which a `CounterQuery` has them. */
const NAMES = [
  "ike-rekey-init",
  "ike-rekey-resp",
  "child-rekey",
  "invalid",
  "invalid-spi",
  ...["ike-init", "ike-auth", "create-child", "info"].flatMap((exchange) =>
    ["in-req", "in-resp", "out-req", "out-resp"].map((message) => `${exchange}-${message}`),
  ),
];

/** `get-counters`: the global ones, those of a connection, or those of all. */
export const getCounters: Command = async (request, context) => {
  const query = queryOf(context);
  const names = await chosen(request, query);
  const values = await Promise.all(names.map((name) => query.values(name)));
  if (values.includes(undefined)) throw new CommandFailed("no counters found for this connection");
  return (writer) => {
    writer.beginSection("counters");
    names.forEach((name, i) => {
      writer.beginSection(sectionName(name ?? ""));
      Object.values(values[i]!).forEach((value, at) => writer.value(NAMES[at], value));
      writer.endSection();
    });
    writer.endSection().value("success", true);
  };
};

/** `reset-counters` */
export const resetCounters: Command = async (request, context) => {
  const query = queryOf(context);
  for (const name of await chosen(request, query))
    if (!(await query.reset(name))) throw new CommandFailed("no counters found for this connection");
  return DONE;
};

/** Undefined stands for the global ones, which are not a connection's. */
async function chosen(request: Section, query: CounterQuery): Promise<readonly (string | undefined)[]> {
  return request.flag("all") === true ? query.connections() : [request.text("name")];
}

function queryOf({ counters }: CommandContext): CounterQuery {
  const query = counters();
  if (!query) throw new CommandFailed("no counters available (plugin missing?)");
  return query;
}
