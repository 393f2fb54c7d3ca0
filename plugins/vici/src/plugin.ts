import { join } from "node:path";
import { machine, release, type } from "node:os";
import {
  AttributeManager,
  Bus,
  ConnectionStore,
  ControlLink,
  Controller,
  ControlCommands,
  CounterQuery,
  CredentialStore,
  CryptoRegistry,
  DefinitionNotation,
  LogGroup,
  LogSinks,
  PLUGIN_API,
  PluginError,
  RevocationListFiles,
  ShardController,
  ShardLinks,
  StreamServices,
  custom,
  definePlugin,
  feature,
  flag,
  text,
} from "@cygnet/plugin-api";
import type { FeatureRef, PluginContext, ServiceToken, Undo } from "@cygnet/plugin-api";
import { ViciCertificates } from "./certificates.js";
import { Commands } from "./commands/index.js";
import type { CommandContext } from "./commands/index.js";
import { ViciConnections } from "./connections.js";
import { ControlEvents } from "./events/control-events.js";
import { ShardEvents } from "./events/shard-events.js";
import { ViciPools } from "./pools.js";
import { ViciServer } from "./server/vici-server.js";
import { SharedKeys } from "./shared-keys.js";
import { StartActions } from "./start-actions.js";

const OPTIONS = {
  socket: text(undefined, "URI of the vici socket, `unix://PATH` or `tcp://HOST:PORT`; by default `unix://PIDDIR/charon.vici`."),
};

const CHARON_OPTIONS = {
  cache_crls: flag(
    false,
    "Write revocation lists that are fetched to `/etc/swanctl/x509crl` (`vici`) and `ipsec.d/crls` (`stroke`).",
  ),
};

/** Where swanctl loads credentials from, unless the environment says `SWANCTL_DIR`. */
const SWANCTL_DIRECTORY = "/etc/swanctl";

type Context = PluginContext<typeof OPTIONS>;

const SOFT_DEPENDS: readonly FeatureRef[] = [
  custom("counters"),
  ...["ANY", "RSA", "ECDSA", "ED25519", "ED448"].map((name) => feature("PRIVKEY", name)),
  ...["ANY", "X509", "X509_CRL"].map((name) => feature("CERT_DECODE", name)),
];

/** strongSwan's `vici`: the control socket of `swanctl` and other programs, and backend of swanctl.conf. */
export default definePlugin({
  name: "vici",
  api: PLUGIN_API,
  options: OPTIONS,
  charonOptions: CHARON_OPTIONS,
  features: () => [
    {
      provides: custom("vici"),
      softDepends: SOFT_DEPENDS,
      on: "both",
      register: async (context) => {
        const undo: Undo[] = [];
        // Control listens before its own shard says that it has started.
        if (context.locations.includes("control")) undo.push(await serve(context));
        if (context.locations.includes("shard")) undo.push(tellEvents(context));
        return async () => {
          for (const each of undo) await each();
        };
      },
    },
  ],
});

/** On a shard. */
function tellEvents({ log, resolve }: Context): Undo {
  const events = new ShardEvents({
    bus: resolve(Bus),
    link: resolve(ControlLink),
    controller: resolve(ShardController),
    log,
  });
  return () => events.stop();
}

/** On control. @returns what closes the socket and removes all that came over it */
async function serve(context: Context): Promise<Undo> {
  const { log, options, resolve } = context;
  const [controller, connections, attributes] = [resolve(Controller), resolve(ConnectionStore), resolve(AttributeManager)];
  const credentials = resolve(CredentialStore);
  const commands: CommandContext = {
    log,
    controller,
    connections,
    attributes,
    notation: resolve(DefinitionNotation),
    system: { type: type(), release: release(), machine: machine() },
    loaded: new ViciConnections({ connections, log, actions: new StartActions({ controller, connections, log }) }),
    pools: new ViciPools(attributes, log),
    sharedKeys: new SharedKeys(credentials),
    certificates: new ViciCertificates({ credentials, notation: resolve(DefinitionNotation), log }),
    credentials,
    counters: () => optional(context, CounterQuery),
    pluginCommands: () => optional(context, ControlCommands),
    algorithms: () => optional(context, CryptoRegistry)?.list() ?? [],
    limits: () => ({
      halfOpen: context.charon.getInt("init_limit_half_open", 0),
      jobLoad: context.charon.getInt("init_limit_job_load", 0),
    }),
  };
  const streams = resolve(StreamServices);
  const events = new ControlEvents({ shards: resolve(ShardLinks), sinks: resolve(LogSinks), log }, () => server);
  const server: ViciServer = new ViciServer({
    log,
    streams,
    uri: options.socket ?? `unix://${streams.pidDir}/charon.vici`,
    handler: new Commands(commands),
    wanted: (event, isWanted) => events.setWanted(event, isWanted),
  });
  const close = await server.listen().catch(async (error: unknown) => {
    await events.stop();
    throw error;
  });
  const stopCache = context.charon.getBool("cache_crls", false) ? cacheLists(context) : undefined;
  return async () => {
    await close();
    await stopCache?.();
    await events.stop();
    await commands.loaded.clear();
    await commands.pools.clear();
    await commands.sharedKeys.clear();
    await commands.certificates.clear();
    for (const { name } of [...commands.certificates.authorities()]) await commands.certificates.unloadAuthority(name);
  };
}

/** Keeps revocation lists that are fetched where `swanctl --load-creds` finds them. */
function cacheLists({ log, resolve }: Context): Undo {
  const directory = join(process.env["SWANCTL_DIR"] || SWANCTL_DIRECTORY, "x509crl");
  log.log(LogGroup.CFG, 1, `crl caching to ${directory} enabled`);
  return resolve(RevocationListFiles).keepIn(directory);
}

/** A service that may come later, or never. */
function optional<S>({ resolve }: Context, token: ServiceToken<S>): S | undefined {
  try {
    return resolve(token);
  } catch (error) {
    if (error instanceof PluginError && error.code === "CYG_PLUGIN_SERVICE") return undefined;
    throw error;
  }
}
