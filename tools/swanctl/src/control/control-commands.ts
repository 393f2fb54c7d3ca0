import type { MessageData, Section } from "@cygnet/vici";
import { SwanctlExit } from "../context.js";
import type { Context, Run } from "../context.js";
import { ask, askStream } from "../request.js";

const DEFAULT_LOG_LEVEL = 1;

/** Sets up what `--ike` or `--child` names. */
export const initiate: Run = (context) =>
  controlled(context, "initiate", { ...named(context, "child", "ike"), ...timeout(context), loglevel: logLevel(context) });

export const terminate: Run = (context) =>
  controlled(context, "terminate", {
    ...named(context, "child", "ike", "child-id", "ike-id"),
    ...flag(context, "force"),
    ...timeout(context),
    loglevel: logLevel(context),
  });

export const rekey: Run = (context) =>
  plain(context, "rekey", { ...named(context, "child", "ike", "child-id", "ike-id"), ...flag(context, "reauth") });

export const redirect: Run = (context) =>
  plain(context, "redirect", named(context, "ike", "ike-id", "peer-ip", "peer-id", "gateway"));

export const install: Run = (context) => plain(context, "install", named(context, "child", "ike"));

export const uninstall: Run = (context) => plain(context, "uninstall", named(context, "child", "ike"));

/** No word where it succeeds, as in strongSwan; likewise `flushCerts`. */
export const reloadSettings: Run = (context) => plain(context, "reload-settings", {}, true);

export const flushCerts: Run = (context) => plain(context, "flush-certs", named(context, "type"), true);

/** A command that tells on the way what the daemon logs about it. */
async function controlled(context: Context, command: string, data: MessageData): Promise<number> {
  const { client, reporter, terminal } = context;
  const onLog = (message: Section): void => {
    if (reporter.isText) terminal.out(`[${message.text("group") ?? ""}] ${message.text("msg") ?? ""}\n`);
    else reporter.event("control-log", message, "log");
  };
  const answer = await askStream(client, command, "control-log", data, onLog);
  return concluded(context, command, answer.message, answer.failure, false);
}

async function plain(context: Context, command: string, data: MessageData, isSilent = false): Promise<number> {
  const { message, failure } = await ask(context.client, command, data);
  return concluded(context, command, message, failure, isSilent);
}

function concluded(context: Context, command: string, message: Section, failure: string | undefined, isSilent: boolean): number {
  const { reporter, terminal } = context;
  reporter.reply(command, message);
  // Scripts that read the raw formats of strongSwan's swanctl find the failure in the message.
  if (!reporter.isText) return failure !== undefined && reporter.format === "json" ? SwanctlExit.FAILED : SwanctlExit.OK;
  if (failure === undefined) {
    if (!isSilent) terminal.out(`${command} completed successfully\n`);
    return SwanctlExit.OK;
  }
  terminal.err(`${command} failed: ${failure}\n`);
  return SwanctlExit.FAILED;
}

/** The options of these names that were given, as they go into the request. */
export function named({ options }: Context, ...names: readonly string[]): MessageData {
  return Object.fromEntries(names.flatMap((name) => (options.has(name) ? [[name, options.text(name)]] : [])));
}

export function flag({ options }: Context, name: string): MessageData {
  return options.has(name) ? { [name]: true } : {};
}

/** In seconds on the command line, in ms in the request. */
function timeout({ options }: Context): MessageData {
  const seconds = options.number("timeout");
  return seconds === undefined || seconds === 0 ? {} : { timeout: seconds * 1000 };
}

function logLevel({ options }: Context): number {
  return options.number("loglevel") ?? DEFAULT_LOG_LEVEL;
}
