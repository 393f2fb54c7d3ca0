import {
  Bus,
  ControlCommands,
  ControlLink,
  PluginError,
  ShardLinks,
  custom,
  definePlugin,
  int,
  text,
  time,
} from "@cygnet/plugin-api";
import type { PluginContext, Undo } from "@cygnet/plugin-api";
import { EVENTS, eventListener } from "./events.js";
import { Publisher } from "./publisher.js";

const options = {
  url: text(undefined, "Where events are posted to, `http` or `https`."),
  token: text(undefined, "Bearer token that goes along with each request.", { isSecret: true }),
  timeout: time(5, "How long a request may take."),
  retry: time(1, "How long until a request that failed is made again; doubled with each failure in a row, up to a minute."),
  queue: int(1000, "Events kept while the other side does not take them; older ones are dropped then.", { min: 1, max: 100_000 }),
};
type Context = PluginContext<typeof options>;

/**
 * Posts events of the bus to a URL. Listeners are on the threads with IKE_SAs and tell control what happens, in plain data; control posts, so that no
 * message waits for a web server.
 */
export default definePlugin({
  name: "webhook",
  api: "1.1",
  options,
  disabled: ({ url }) => (url === undefined ? "plugin 'webhook' has no charon.plugins.webhook.url" : undefined),
  features: () => [
    {
      provides: custom("webhook"),
      // Both, as there is something to do on either side; in a daemon with one shard they are one thread.
      on: "both",
      register: (context) => {
        // Control first: it is there when the shards begin to tell.
        const undos: Undo[] = [];
        if (context.locations.includes("control")) undos.push(publish(context));
        if (context.locations.includes("shard")) undos.push(listen(context));
        return async () => {
          for (const undo of undos.reverse()) await undo();
        };
      },
    },
  ],
});

function listen({ resolve }: Context): Undo {
  const link = resolve(ControlLink);
  return resolve(Bus).addListener(eventListener("webhook", (event) => link.tell(EVENTS, event)));
}

/** @throws {PluginError} for a URL that is none */
function publish({ plugin, log, options: { url = "", token, timeout, retry, queue }, resolve }: Context): Undo {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new PluginError("WEBHOOK_URL", plugin, `option 'url': '${url}' is no URL of the web`);
  const publisher = new Publisher({ url, token, timeoutMs: timeout * 1000, retryMs: retry * 1000, queue, log });
  const undos = [
    resolve(ShardLinks).listen(EVENTS, (event) => publisher.add(event)),
    resolve(ControlCommands).addStatus({ name: plugin, lines: () => [publisher.status()] }),
  ];
  return async () => {
    for (const undo of undos) await undo();
    await publisher.close();
  };
}
