import { machine, release, type } from "node:os";
import {
  AttributeManager,
  ConnectionStore,
  ControlCommands,
  Controller,
  CounterQuery,
  CredentialStore,
  CryptoRegistry,
  custom,
  definePlugin,
  DefinitionNotation,
  feature,
  flag,
  int,
  KernelManager,
  LoadedPlugins,
  LogGroup,
  PgpReader,
  Pkcs12Reader,
  RevocationListFiles,
  PluginError,
  ShardController,
  serviceToken,
  StreamServices,
  text,
} from "@cygnet/plugin-api";
import type { FeatureRef, PluginContext, ServiceToken, Undo } from "@cygnet/plugin-api";
import { CertificateFiles } from "./certificate-files.js";
import { ListCache } from "./list-cache.js";
import { CaSections, UserCredentials } from "./commands/index.js";
import type { CommandContext, CommandOptions } from "./commands/index.js";
import { ConnectionRegistry, DnsServers } from "./definition/index.js";
import { PLAIN_NOTATION, STATUS_TEXT, statusText } from "./format/index.js";
import { SecretsLoader } from "./secrets-loader.js";
import { StrokeService } from "./stroke-service.js";
import type { StartTimer } from "./timers.js";

const CACHE_OPTION = "cache_crls";
const WEAK_OPTION = "i_dont_care_about_security_and_use_aggressive_mode_psk";

const OPTIONS = {
  allow_swap: flag(true, "Take the right side for this host where its address is ours and that of the left side is not.", {
    reloadable: true,
  }),
  ignore_missing_ca_basic_constraint: flag(
    false,
    "Accept CA certificates without the CA basic constraint. Without effect in this release: they are refused.",
  ),
  max_concurrent: int(
    4,
    "Requests that are carried out at a time; those that wait for peers count by themselves. 0 for no limit.",
    {
      min: 0,
    },
  ),
  prevent_loglevel_changes: flag(false, "Refuse `stroke loglevel`.", { reloadable: true }),
  secrets_file: text("/etc/ipsec.secrets", "The file with the secrets."),
  socket: text(undefined, "URI of the control socket; by default `unix://PIDDIR/charon.ctl`."),
  timeout: int(0, "Milliseconds that `stroke up` and `stroke down` wait, 0 for ever.", { min: 0, reloadable: true }),
};

const SOFT_DEPENDS: readonly FeatureRef[] = [
  custom("counters"),
  ...["RSA", "ECDSA", "DSA", "ED25519", "ED448"].map((name) => feature("PRIVKEY", name)),
  ...["ANY", "X509", "X509_CRL", "X509_AC", "PUBKEY"].map((name) => feature("CERT_DECODE", name)),
];

const CHARON_OPTIONS = {
  [CACHE_OPTION]: flag(
    false,
    "Write revocation lists that are fetched to `/etc/swanctl/x509crl` (`vici`) and `ipsec.d/crls` (`stroke`).",
  ),
  [WEAK_OPTION]: flag(false, "Call the daemon weakSwan in the status. There is no IKEv1, and so no aggressive mode to allow."),
};

type Context = PluginContext<typeof OPTIONS>;

/** How the plugin's reload finds what its feature registered. */
const ApplyOptions: ServiceToken<(options: Context["options"]) => void> = serviceToken("plugin.stroke.ApplyOptions");

/** The `stroke` plugin: control socket of strongSwan's `ipsec` and `stroke` commands, and backend of ipsec.conf and ipsec.secrets. */
export default definePlugin({
  name: "stroke",
  api: 1,
  options: OPTIONS,
  charonOptions: CHARON_OPTIONS,
  features: () => [
    {
      provides: custom("stroke"),
      softDepends: SOFT_DEPENDS,
      on: "both",
      register: async (context) => {
        const undo: Undo[] = [];
        // Control may ask for it as soon as its socket is there.
        if (context.locations.includes("shard")) undo.push(context.resolve(ShardController).addText(STATUS_TEXT, statusText));
        if (context.locations.includes("control")) undo.push(await startStroke(context));
        return async () => {
          for (const each of undo.reverse()) await each();
        };
      },
    },
  ],
  reload: ({ options, resolve }) => resolve(ApplyOptions)(options),
});

/**
 * Loads the secrets and opens the socket.
 * @param startTimer for tests
 * @returns what closes the socket and removes all that came over it
 * @throws what `StrokeService.listen` does
 */
export async function startStroke(context: Context, startTimer?: StartTimer): Promise<Undo> {
  const { log, options, resolve } = context;
  const attributes = resolve(AttributeManager);
  const credentials = resolve(CredentialStore);
  const streams = resolve(StreamServices);
  if (options.ignore_missing_ca_basic_constraint) {
    log.log(LogGroup.CFG, 1, "ignore_missing_ca_basic_constraint has no effect in this release");
  }
  const dns = new DnsServers(attributes, log);
  const connections = resolve(ConnectionStore);
  const certificates = new CertificateFiles(options.secrets_file, credentials, log, {
    pkcs12: () => optional(context, Pkcs12Reader),
    pgp: () => optional(context, PgpReader),
  });
  let current = commandOptions(options);
  const commands: CommandContext = {
    log,
    get options() {
      return current;
    },
    controller: resolve(Controller),
    connections,
    credentials,
    attributes,
    kernel: resolve(KernelManager),
    notation: optional(context, DefinitionNotation) ?? PLAIN_NOTATION,
    system: { type: type(), release: release(), machine: machine() },
    registry: new ConnectionRegistry({ connections, attributes, dns, log }),
    secrets: new SecretsLoader(options.secrets_file, credentials, certificates, log),
    certificates,
    userCredentials: new UserCredentials(credentials),
    caSections: new CaSections(certificates, credentials, log),
    listCache: new ListCache(certificates.listDirectory, resolve(RevocationListFiles), log),
    counters: () => optional(context, CounterQuery),
    pluginCommands: () => optional(context, ControlCommands),
    algorithms: () => optional(context, CryptoRegistry)?.list() ?? [],
    plugins: () => optional(context, LoadedPlugins)?.list() ?? [],
    isWeak: () => context.charon.getBool(WEAK_OPTION, false),
  };
  await certificates.loadAuthorities();
  await certificates.loadOcspSigners();
  await certificates.loadRevocationLists();
  await commands.secrets.load();
  if (context.charon.getBool(CACHE_OPTION, false)) commands.listCache.enable(true);
  const uri = options.socket ?? `unix://${streams.pidDir}/charon.ctl`;
  const close = await StrokeService.listen({
    context: commands,
    streams,
    uri,
    maxConcurrent: options.max_concurrent,
    startTimer,
  });
  const withdraw = context.provide(ApplyOptions, (fresh) => {
    current = commandOptions(fresh);
  });
  return async () => {
    withdraw();
    await close();
    await commands.registry.clear();
    await commands.userCredentials.clear();
    await commands.secrets.clear();
    commands.listCache.close();
    await commands.caSections.clear();
    await certificates.clear();
  };
}

/** What commands read, each time anew. */
function commandOptions(options: Context["options"]): CommandOptions {
  return {
    timeoutMs: options.timeout,
    allowSwap: options.allow_swap,
    preventLoglevelChanges: options.prevent_loglevel_changes,
  };
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
