import { CygnetError, LogGroup, errorCode } from "@cygnet/plugin-api";
import type { CommandRequest } from "@cygnet/plugin-api";
import { MessageWriter, ViciEncodingError, encodeMessage, parseMessage } from "@cygnet/vici";
import type { Section, ViciPacket } from "@cygnet/vici";
import type { ClientView, RequestHandler } from "../server/vici-server.js";
import * as certificates from "./certificates.js";
import { CommandFailed } from "./command.js";
import type { Answer, Command, CommandContext } from "./command.js";
import { getConns, listConns, loadConn, unloadConn } from "./connections.js";
import { getCounters, resetCounters } from "./counters.js";
import { getAlgorithms, getPluginCommands, getPlugins, reloadSettings, stats, version } from "./information.js";
import { initiate } from "./initiate.js";
import { listSas } from "./list-sas.js";
import { install, listPolicies, uninstall } from "./policies.js";
import { getPools, loadPool, unloadPool } from "./pools.js";
import { redirect } from "./redirect.js";
import { clearCreds, getShared, loadShared, unloadShared } from "./shared-keys.js";
import { rekey, terminate } from "./terminate.js";

export type { CommandContext, SystemName } from "./command.js";
export { CommandFailed } from "./command.js";

/** Characters of a message, which may quote what a client sent: far below what a value can have. */
const MAX_ERRMSG = 4096;

/** All commands by their names. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["version", version],
  ["stats", stats],
  ["get-plugins", getPlugins],
  ["get-plugin-commands", getPluginCommands],
  ["reload-settings", reloadSettings],
  ["initiate", initiate],
  ["terminate", terminate],
  ["rekey", rekey],
  ["redirect", redirect],
  ["install", install],
  ["uninstall", uninstall],
  ["list-sas", listSas],
  ["list-policies", listPolicies],
  ["list-conns", listConns],
  ["get-conns", getConns],
  ["list-certs", certificates.listCerts],
  ["list-authorities", certificates.listAuthorities],
  ["get-authorities", certificates.getAuthorities],
  ["load-conn", loadConn],
  ["unload-conn", unloadConn],
  ["load-cert", certificates.loadCert],
  ["load-key", certificates.loadKey],
  ["unload-key", certificates.unloadKey],
  ["get-keys", certificates.getKeys],
  ["load-token", certificates.loadToken],
  ["load-shared", loadShared],
  ["unload-shared", unloadShared],
  ["get-shared", getShared],
  ["flush-certs", certificates.flushCerts],
  ["clear-creds", clearCreds],
  ["load-authority", certificates.loadAuthority],
  ["unload-authority", certificates.unloadAuthority],
  ["load-pool", loadPool],
  ["unload-pool", unloadPool],
  ["get-pools", getPools],
  ["get-algorithms", getAlgorithms],
  ["get-counters", getCounters],
  ["reset-counters", resetCounters],
]);

/** Carries out the requests of clients. Whatever goes wrong becomes an answer with `success=no`. */
export class Commands implements RequestHandler {
  constructor(private readonly context: CommandContext) {}

  handle({ name, message }: ViciPacket, client: ClientView): Promise<Uint8Array> | undefined {
    const command = COMMANDS.get(name) ?? pluginCommand(name, this.context);
    return command && this.#run(name, command, message, client);
  }

  async #run(name: string, command: Command, message: Uint8Array, client: ClientView): Promise<Uint8Array> {
    try {
      return encode(await command(this.#parse(message), this.context, client));
    } catch (error) {
      return encodeMessage(this.#failure(name, error));
    }
  }

  #parse(message: Uint8Array): Section {
    try {
      return parseMessage(message);
    } catch (error) {
      if (!(error instanceof ViciEncodingError)) throw error;
      this.context.log.log(LogGroup.ENC, 1, `parsing vici message failed, ${error.message}`);
      throw new CommandFailed("parsing request failed");
    }
  }

  #failure(name: string, error: unknown): { readonly success: boolean; readonly errmsg: string } {
    if (error instanceof CommandFailed) return { success: false, ...error.details, errmsg: error.message.slice(0, MAX_ERRMSG) };
    const errmsg = (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERRMSG);
    // An error with a code is about what was asked for; all else is a fault of ours.
    const isForeseen = error instanceof CygnetError && errorCode(error) !== "CYG_INTERNAL";
    const details = isForeseen || !(error instanceof Error) ? errmsg : (error.stack ?? errmsg);
    this.context.log.log(LogGroup.CFG, 1, `vici request ${name} failed: ${details}`);
    return { success: false, errmsg };
  }
}

/** A command that a plugin added. Keys that are not text are replaced as text is read. */
function pluginCommand(name: string, context: CommandContext): Command | undefined {
  const found = context.pluginCommands()?.find(name);
  return found && (async (request) => ({ success: true, ...(await found.run(request.toJSON() as CommandRequest)) }));
}

function encode(answer: Answer): Uint8Array {
  if (typeof answer !== "function") return encodeMessage(answer);
  const writer = new MessageWriter();
  answer(writer);
  return writer.octets;
}
