import { ControlCommands, Controller, custom, definePlugin, text } from "@cygnet/plugin-api";
import { peersCommand } from "./peers-command.js";

/** Adds a command to the daemon, for clients of vici and `cygnet plugins call`, and a line to its status. */
export default definePlugin({
  name: "acme",
  api: "API_VERSION",
  options: { unit: text("peers", "What the status line counts them as.", { reloadable: true }) },
  features: () => [
    {
      provides: custom("acme"),
      on: "control",
      register: ({ options: { unit }, resolve }) => {
        const [commands, controller] = [resolve(ControlCommands), resolve(Controller)];
        const undos = [
          commands.addCommand(peersCommand("acme-peers", controller)),
          commands.addStatus({ name: "acme", lines: async () => [`${(await controller.count()).up} ${unit}`] }),
        ];
        return () => {
          for (const undo of undos.reverse()) void undo();
        };
      },
    },
  ],
});
