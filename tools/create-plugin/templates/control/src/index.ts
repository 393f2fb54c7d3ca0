import { Controller, StreamServices, custom, definePlugin, text } from "@cygnet/plugin-api";
import { serve } from "./line-protocol.js";

/** A control socket: one command a line, one line of JSON for an answer. */
export default definePlugin({
  name: "acme",
  api: "API_VERSION",
  options: {
    socket: text(undefined, "URI of the socket, `unix://PATH` or `tcp://HOST:PORT`; by default `unix://PIDDIR/charon.acme`."),
  },
  features: () => [
    {
      provides: custom("acme"),
      on: "control",
      // Who connects waits until the whole daemon is up.
      register: ({ options, resolve }) => {
        const streams = resolve(StreamServices);
        const controller = resolve(Controller);
        return streams.listen({
          uri: options.socket ?? `unix://${streams.pidDir}/charon.acme`,
          maxConcurrent: 4,
          onConnection: (connection) => serve(connection, controller),
        });
      },
    },
  ],
});
