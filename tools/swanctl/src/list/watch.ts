import { ViciError } from "@cygnet/vici";
import type { Section, ViciClient, ViciEvent } from "@cygnet/vici";
import { SwanctlExit } from "../context.js";
import type { Context, Run } from "../context.js";
import { ikeSaText } from "./sa-text.js";

const SA_EVENTS = ["ike-updown", "ike-rekey", "ike-update", "child-updown", "child-rekey"];

/** `--monitor-sa`: IKE_SAs and CHILD_SAs as they come, change and go. */
export const monitorSa: Run = (context) => watch(context, SA_EVENTS, ({ name, message }) => saEventText(name, message));

/** `--log`: what the daemon logs. */
export const log: Run = (context) => watch(context, ["log"], ({ message }) => logText(message));

/** Prints events until the user wants no more, or the daemon is gone. */
async function watch(context: Context, names: readonly string[], text: (event: ViciEvent) => string): Promise<number> {
  const { client, reporter, terminal, system } = context;
  const events = await client.events(...(await known(client, names)));
  const interrupted = system.interrupted.then(() => undefined);
  for (;;) {
    const next = await Promise.race([events.next(), interrupted]);
    if (next === undefined || terminal.isOutputClosed) break;
    if (next.done === true) break;
    reporter.event(next.value.name, next.value.message, next.value.name === "log" ? "log" : undefined);
    if (reporter.isText) terminal.out(text(next.value));
  }
  // An error output, as in strongSwan, so that it is not taken for an event.
  terminal.err("disconnecting...\n");
  return SwanctlExit.OK;
}

/** Those of the events that this daemon has: older ones lack some. */
async function known(client: ViciClient, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    try {
      await (await client.events(name)).return?.();
      found.push(name);
    } catch (error) {
      if (!(error instanceof ViciError && error.code === "CYG_VICI_UNKNOWN_EVENT")) throw error;
    }
  }
  return found;
}

function logText(message: Section): string {
  return `${(message.text("thread") ?? "").padStart(2, "0")}[${message.text("group") ?? ""}] ${message.text("msg") ?? ""}\n`;
}

/**
 * What happened, then the IKE_SA as it is now. strongSwan's swanctl shows less: not what happened, and neither rekeying nor changes of
 * address.
 */
function saEventText(event: string, message: Section): string {
  let text = "";
  for (const [name, sa] of message.sections()) {
    const [oldSa, newSa] = [sa.section("old"), sa.section("new")];
    if (oldSa !== undefined && newSa !== undefined) {
      text += `${event}: ${name} #${oldSa.text("uniqueid") ?? ""} => #${newSa.text("uniqueid") ?? ""}\n${ikeSaText(name, newSa)}`;
      continue;
    }
    text += `${event}: ${whatHappened(event, message, sa)}\n${ikeSaText(name, sa)}`;
  }
  return text;
}

function whatHappened(event: string, message: Section, sa: Section): string {
  if (event.endsWith("updown")) return message.flag("up") === true ? "up" : "down";
  if (event === "ike-update") {
    const end = (side: string): string => `${message.text(`${side}-host`) ?? ""}[${message.text(`${side}-port`) ?? ""}]`;
    return `${end("local")}...${end("remote")}`;
  }
  return [...(sa.section("child-sas")?.sections() ?? [])]
    .map(
      ([name, pair]) =>
        `${name} #${pair.section("old")?.text("uniqueid") ?? ""} => #${pair.section("new")?.text("uniqueid") ?? ""}`,
    )
    .join(", ");
}
