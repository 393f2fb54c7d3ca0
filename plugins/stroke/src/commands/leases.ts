import { Host } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import { leaseLine, poolLine } from "../format/index.js";
import type { CommandContext, Reply } from "./command.js";

/** `leases [POOL [ADDRESS]]` */
export async function leases(
  { fields }: StrokeMessage<StrokeMessageType.LEASES>,
  { attributes }: CommandContext,
  reply: Reply,
): Promise<void> {
  const { pool: wanted, address } = fields;
  const pools = attributes.pools().filter(({ name }) => wanted === null || name === wanted);
  if (pools.length === 0) return reply.write([wanted === null ? "no pools found" : `pool '${wanted}' not found`]);
  const only = address === null ? undefined : (Host.parse(address)?.toString() ?? address);
  for (const pool of pools) {
    await reply.write([poolLine(pool)]);
    let found = false;
    for (const lease of attributes.leases(pool.name)) {
      if (only !== undefined && lease.address !== only) continue;
      found = true;
      await reply.write([leaseLine(lease)]);
      if (!reply.isOpen) return;
    }
    if (!found && only !== undefined) await reply.write(["  no matching leases found"]);
  }
}
