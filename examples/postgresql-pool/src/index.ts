import { hostname } from "node:os";
import { AttributeManager, LogGroup, custom, definePlugin, text, time } from "@cygnet/plugin-api";
import { SharedPool } from "./shared-pool.js";

/** Virtual IPs from a table in PostgreSQL, which several daemons share. Connections name its pools as they name others. */
export default definePlugin({
  name: "postgresql-pool",
  api: "1.1",
  options: {
    url: text("postgresql://localhost/cygnet", "Where the database is, as libpq has it.", { isSecret: true }),
    gateway: text(hostname(), "What this daemon is called in the table. No other one may have the name."),
    timeout: time(5, "How long connecting and a query may take; the peer is waited for up to charon.plugin_timeout."),
  },
  features: () => [
    {
      provides: custom("postgresql-pool"),
      on: "control",
      register: async ({ plugin, log, options: { url, gateway, timeout }, resolve }) => {
        const say = (message: string): void => log.log(LogGroup.CFG, 1, `${plugin}: ${message}`);
        const pool = new SharedPool({ name: plugin, url, gateway, timeoutMs: timeout * 1000, say });
        try {
          const count = await pool.reclaim();
          if (count > 0) say(`${count} addresses that were in use when this daemon ended are free again`);
        } catch (error) {
          await pool.close();
          throw error;
        }
        const remove = resolve(AttributeManager).addProvider(pool);
        return async () => {
          remove();
          await pool.close();
        };
      },
    },
  ],
});
