import { ConnectionStore, ControlCommands, CredentialStore, custom, definePlugin, text, time } from "@cygnet/plugin-api";
import { PeerBackend } from "./peer-backend.js";

/** Reads connections and their pre-shared keys from PostgreSQL, and again when the table changes. */
export default definePlugin({
  name: "postgresql-connections",
  api: "1.1",
  options: {
    url: text("postgresql://localhost/cygnet", "Where the database is, as libpq has it.", { isSecret: true }),
    timeout: time(5, "How long connecting and a query may take."),
    retry: time(5, "How long until a database that is gone is tried again."),
  },
  features: () => [
    {
      provides: custom("postgresql-connections"),
      on: "control",
      register: ({ plugin, log, options: { url, timeout, retry }, ready, resolve }) => {
        const backend = new PeerBackend({
          name: plugin,
          url,
          timeoutMs: timeout * 1000,
          retryMs: retry * 1000,
          connections: resolve(ConnectionStore),
          credentials: resolve(CredentialStore),
          log,
        });
        const forget = resolve(ControlCommands).addStatus({ name: plugin, lines: () => [backend.status()] });
        // Not waited for: the daemon starts without the database, too. A connection is checked against the algorithms, so all of them must be there.
        void ready.then(() => backend.start());
        return async () => {
          await forget();
          await backend.stop();
        };
      },
    },
  ],
});
