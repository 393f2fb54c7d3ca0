import { CommandFailed, DONE, required } from "./command.js";
import type { Command } from "./command.js";

/**
 * Commands for certificates, private keys and authorities, of which this release has none: what would load one is refused, and lists are empty.
 */
const refuse =
  (what: string): Command =>
  () => {
    throw new CommandFailed(`${what} are not supported by this release`);
  };

const nothing: Command = () => ({});

export const loadCert = refuse("certificates");
export const loadKey = refuse("private keys");
export const loadToken = refuse("private keys on tokens");
export const loadAuthority = refuse("certification authorities");
export const listCerts = nothing;
export const listAuthorities = nothing;
export const getKeys: Command = () => ({ keys: [] });
export const getAuthorities: Command = () => ({ authorities: [] });

export const unloadKey: Command = (request) => {
  const id = required(request, "id", "key id missing");
  throw new CommandFailed(`key '${id}' not found`);
};

export const unloadAuthority: Command = (request) => {
  const name = required(request, "name", "unload: missing authority name");
  throw new CommandFailed(`unload: authority '${name}' not found`);
};

/** Nothing is cached. */
export const flushCerts: Command = () => DONE;
