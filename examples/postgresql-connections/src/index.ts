import { BackendManager, ControlCommands, LogGroup, custom, definePlugin, list, text, time } from "@cygnet/plugin-api";
import { PeerBackend } from "./peer-backend.js";

/** Has connections and their pre-shared keys in PostgreSQL, where they are looked up when a peer comes. */
export default definePlugin({
  name: "postgresql-connections",
  api: "1.1",
  options: {
    url: text("postgresql://localhost/cygnet", "Where the database is, as libpq has it.", { isSecret: true }),
    timeout: time(5, "How long connecting and a query may take; the peer is waited for up to charon.plugin_timeout."),
    proposals: list(["default"], "Proposals for the IKE_SAs of all peers."),
  },
  features: () => [
    {
      provides: custom("postgresql-connections"),
      on: "control",
      register: ({ plugin, log, options: { url, timeout, proposals }, resolve }) => {
        const say = (message: string): void => log.log(LogGroup.CFG, 1, `${plugin}: ${message}`);
        // Connects when it is asked first: the daemon starts without the database, too.
        const backend = new PeerBackend({ name: plugin, url, timeoutMs: timeout * 1000, proposals, say });
        const undos = [
          resolve(BackendManager).addBackend(backend),
          resolve(BackendManager).addCredentialSet(backend),
          resolve(ControlCommands).addStatus({ name: plugin, lines: async () => [await backend.status()] }),
        ];
        return async () => {
          for (const undo of undos) await undo();
          await backend.close();
        };
      },
    },
  ],
});
