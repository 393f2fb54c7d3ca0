import type { InstalledPolicy } from "@cygnet/plugin-api";
import { MessageWriter } from "@cygnet/vici";
import type { Section } from "@cygnet/vici";
import { sectionName, selectors, writeLabel } from "../format/index.js";
import { allConnections } from "./all-connections.js";
import { CommandFailed, DONE, required } from "./command.js";
import type { Command } from "./command.js";

/** `install`: the trap of a child, or the shunt that it is. */
export const install: Command = async (request, context) => {
  const name = required(request, "child", "missing configuration name");
  const ike = request.text("ike");
  for (const peer of allConnections(context)) {
    if (ike !== undefined && peer.name !== ike) continue;
    const child = peer.children.find((each) => each.name === name);
    if (!child) continue;
    if (await context.controller.install(peer, child)) return DONE;
    throw new CommandFailed(`installing policy '${name}' failed`);
  }
  throw new CommandFailed("configuration name not found");
};

/** `uninstall` */
export const uninstall: Command = async (request, { controller }) => {
  const name = required(request, "child", "missing configuration name");
  const ike = request.text("ike");
  const isThere = (policy: InstalledPolicy): boolean => policy.name === name && (ike === undefined || policy.ikeName === ike);
  const removed = (await controller.installedPolicies()).some(isThere) ? await controller.uninstall(name) : undefined;
  if (removed === undefined) throw new CommandFailed(`policy '${name}' not found`);
  return DONE;
};

/** `list-policies`: one event for each trap and shunt. */
export const listPolicies: Command = async (request, { controller }, client) => {
  const writer = new MessageWriter();
  for (const policy of (await controller.installedPolicies()).filter((each) => isWanted(request, each))) {
    writer.reset();
    writer.beginSection(sectionName(`${policy.ikeName}/${policy.name}`)).value("child", policy.name);
    if (policy.reqid > 0) writer.value("reqid", policy.reqid);
    writer.value("ike", policy.ikeName).value("mode", policy.mode.toUpperCase());
    writeLabel(writer, policy.label);
    writer.list("local-ts", selectors(policy.localTs)).list("remote-ts", selectors(policy.remoteTs)).endSection();
    await client.stream("list-policy", writer.octets);
    if (!client.isOpen) break;
  }
  return {};
};

/** Of the kinds that are asked for. */
function isWanted(request: Section, { name, ikeName, mode }: InstalledPolicy): boolean {
  const kind = mode === "drop" || mode === "pass" ? mode : "trap";
  const [child, ike] = [request.text("child"), request.text("ike")];
  if ((child !== undefined && child !== name) || (ike !== undefined && ike !== ikeName)) return false;
  return request.flag(kind) === true;
}
