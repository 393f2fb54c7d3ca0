import type { SharedSecret } from "@cygnet/plugin-api";
import { CommandFailed, DONE, required } from "./command.js";
import type { Command } from "./command.js";

/** What the types of secrets are to the core. XAuth and EAP passwords are the same. */
const TYPES: Readonly<Record<string, SharedSecret["type"]>> = { ike: "IKE", eap: "EAP", xauth: "EAP", ntlm: "NTLM" };

/** `load-shared` */
export const loadShared: Command = async (request, { sharedKeys }) => {
  const type = required(request, "type", "shared key type missing");
  if (type.toLowerCase() === "ppk")
    throw new CommandFailed("post-quantum preshared keys (RFC 8784) are not supported by this release");
  const known = Object.hasOwn(TYPES, type.toLowerCase()) ? TYPES[type.toLowerCase()] : undefined;
  if (known === undefined) throw new CommandFailed(`invalid shared key type: ${type}`);
  const data = request.octets("data");
  if (data === undefined) throw new CommandFailed("shared key data missing");
  await sharedKeys.load(request.text("id"), { type: known, owners: request.list("owners") ?? [], secret: data });
  return DONE;
};

/** `unload-shared` */
export const unloadShared: Command = async (request, { sharedKeys }) => {
  const id = required(request, "id", "unique identifier missing");
  if (!(await sharedKeys.unload(id))) throw new CommandFailed(`shared key '${id}' not found`);
  return DONE;
};

/** `get-shared`: the unique ids, where secrets have one. */
export const getShared: Command = (_request, { sharedKeys }) => ({ keys: sharedKeys.ids() });

/** `clear-creds`: all that was loaded over this socket. */
export const clearCreds: Command = async (_request, { sharedKeys, certificates }) => {
  await sharedKeys.clear();
  await certificates.clear();
  return DONE;
};
