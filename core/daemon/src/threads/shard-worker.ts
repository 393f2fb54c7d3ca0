// The thread of a shard. Tokens of the container need the metadata before anything else is there.
import "reflect-metadata";
import { parentPort, workerData } from "node:worker_threads";
import { PackageSource, PluginHost } from "@cygnet/runtime";
import { Settings, withNamespace } from "@cygnet/settings";
import type { SettingsData, SettingsView } from "@cygnet/settings";
import { builtInPlugin } from "../built-in-plugin.js";
import { TOLD } from "../link.js";
import { readCharon } from "../options/charon-values.js";
import { withCoreParts } from "../core-parts.js";
import { DEFAULT_PLUGINS, LATER_PLUGINS } from "../plugin-names.js";
import { ThreadServices } from "../services/thread-services.js";
import { ShardSide } from "../shard/shard-side.js";
import { PortLink } from "./port-link.js";
import { ShardLog } from "./shard-log.js";
import type { ShardThreadData, ThreadControlPort, ThreadPort } from "./thread-ports.js";

const data = workerData as ShardThreadData;
const charonOf = (settings: SettingsData): SettingsView =>
  withNamespace(Settings.fromData(settings), data.namespace).section(data.namespace);

const charon = charonOf(data.settings);
const values = readCharon(charon);
const thread = new ThreadServices(values.own["crypto_test.required"], data, data.slotsBefore);
const link = new PortLink<ThreadControlPort>(parentPort!, TOLD);
const log = new ShardLog({
  log: thread.log,
  timers: thread.timers,
  demand: data.log,
  relay: (records) => link.remote.logged(records),
  trouble: (trouble) => link.remote.logTrouble(data.index, trouble),
});
// What it logged last says why it ends.
process.once("exit", () => thread.log.flushSync());
const side = new ShardSide({ ...data, thread, values, permanent: 0, control: link.remote });
const plugins = new PluginHost({
  locations: ["shard"],
  source: withCoreParts(new PackageSource({ folders: data.pluginFolders })),
  container: thread.container,
  log: thread.log,
  guard: side.guard,
  charon,
  // Plugins are loaded before the shard is told the connections, and it must not receive before that.
  builtIn: [builtInPlugin({ ready: side.core.ready, receive: () => () => side.shard.stop() })],
  defaultList: DEFAULT_PLUGINS,
  later: LATER_PLUGINS,
  isQuiet: true,
  isRepeated: data.index > 0,
});

const receiving = deferred();
const own: ThreadPort = {
  ask: async (topic, request) => {
    await receiving.promise;
    return side.shard.ask(topic, request);
  },
  initiate: async (initiation, follow) => {
    await receiving.promise;
    return side.shard.initiate(initiation, follow);
  },
  load: async (shared) => {
    thread.meter.start();
    thread.suspension.start();
    side.sockets.group = { shard: data.index, key: data.steering, shared };
    await plugins.load();
  },
  receive: () => {
    side.shard.start();
    receiving.resolve();
  },
  plugins: () => Promise.resolve(plugins.report()),
  reload: async (settings) => {
    const fresh = charonOf(settings);
    side.shard.applyOptions(readCharon(fresh).ike);
    await plugins.reload(fresh);
  },
  setLogDemand: (demand) => log.adjust(demand),
  unload: async () => {
    await plugins.unload();
    await side.drain();
    await thread.log.close();
  },
};
link.serve(own, side.shard);

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((resolved) => (resolve = resolved));
  return { promise, resolve };
}
