import { CygnetError } from "@cygnet/plugin-api";
import type { CommandAnswer, ControlCommand, Controller } from "@cygnet/plugin-api";

/** Tells who is connected. With `name=NAME`, only by the connection of that name. */
export function peersCommand(name: string, controller: Controller): ControlCommand {
  return {
    name,
    description: "who is connected, by connection NAME where one is given",
    async run({ name: connection }): Promise<CommandAnswer> {
      // What a client sends may be anything: a list, for instance.
      if (connection !== undefined && typeof connection !== "string")
        throw new CygnetError("ACME_NAME", "name is the name of one connection");
      const peers: Record<string, string> = {};
      // In pieces, so that many IKE_SAs hold nobody up.
      for await (const piece of controller.ikeSas(connection === undefined ? {} : { ikeName: connection }, false)) {
        for (const { remoteId, remote } of piece) peers[remoteId] = remote;
      }
      return { peers };
    },
  };
}
