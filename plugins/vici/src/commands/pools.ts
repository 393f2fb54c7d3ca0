import { sectionName } from "../format/index.js";
import { DONE, required } from "./command.js";
import type { Command } from "./command.js";
import { onlySections } from "./connections.js";

/** `load-pool` */
export const loadPool: Command = async (request, { pools }) => {
  for (const [name, section] of onlySections(request)) await pools.load(name, section);
  return DONE;
};

/** `unload-pool` */
export const unloadPool: Command = async (request, { pools }) => {
  await pools.unload(required(request, "name", "missing pool name to unload"));
  return DONE;
};

/** `get-pools`: those that were loaded here, with their leases where they are asked for. */
export const getPools: Command = (request, { attributes, pools }) => {
  const [only, withLeases] = [request.text("name"), request.flag("leases") === true];
  const own = new Set(pools.names());
  return (writer) => {
    for (const { name, base, size, online, offline } of attributes.pools()) {
      if (!own.has(name) || (only !== undefined && only !== name)) continue;
      writer
        .beginSection(sectionName(name))
        .value("base", base)
        .value("size", size)
        .value("online", online)
        .value("offline", offline);
      if (withLeases) {
        writer.beginSection("leases");
        let number = 0;
        for (const { address, identity, online: isOnline } of attributes.leases(name))
          writer
            .beginSection(String(number++))
            .value("address", address)
            .value("identity", identity)
            .value("status", isOnline ? "online" : "offline")
            .endSection();
        writer.endSection();
      }
      writer.endSection();
    }
  };
};
