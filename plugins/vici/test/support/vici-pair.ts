import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConnectionStoreImpl,
  CredentialStoreImpl,
  DaemonController,
  LinkedShards,
  ListFiles,
  NetStreamServices,
  PluginGuard,
  Settings,
  compileEnv,
  notation,
} from "@cygnet/plugin-testkit/parts";
import {
  AttributeManager,
  Bus,
  ConnectionStore,
  ControlLink,
  Controller,
  CounterQuery,
  CredentialStore,
  CryptoRegistry,
  DefinitionNotation,
  LogGroup,
  LogSinks,
  PluginError,
  RevocationListFiles,
  ShardController,
  ShardLinks,
  StreamServices,
} from "@cygnet/plugin-api";
import type { DaemonStatus, ServiceToken } from "@cygnet/plugin-api";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { ViciClient } from "@cygnet/vici";
import type { MessageData, Section } from "@cygnet/vici";
import plugin from "../../src/index.js";

const STATUS: DaemonStatus = {
  version: "6.0.6 cygnet 0.1.0",
  uptimeSeconds: 61,
  startedMs: 0,
  processor: { total: 16, idle: 7, working: [4, 0, 5, 0], queued: [0, 1, 2, 3], scheduled: 27 },
  plugins: ["charon", "random", "vici"],
  listening: [],
  ikeSas: 1,
  halfOpen: 0,
};

/** An end of an exchange as its operator has it: the real plugin around a real shard, with real sockets. */
export class ViciEnd {
  readonly path: string;
  readonly controller: DaemonController;
  readonly connections: ConnectionStoreImpl;
  readonly credentials: CredentialStoreImpl;
  /** Why settings cannot be reloaded, if they cannot. */
  settingsProblem: Error | undefined;
  counters: CounterQuery | undefined;
  status: DaemonStatus = STATUS;
  readonly #clients: ViciClient[] = [];
  #unload: () => unknown = () => undefined;

  private constructor(
    readonly end: End,
    private readonly pair: DrivenPair,
    private readonly directory: string,
  ) {
    this.path = join(directory, "charon.vici");
    const { shard, log, control } = end;
    const env = compileEnv(shard.context.crypto as Parameters<typeof compileEnv>[0]);
    // Asynchronous, as over a link.
    this.connections = new ConnectionStoreImpl(env, async (change) => shard.applyConfig(change));
    this.credentials = new CredentialStoreImpl(
      async (change) => shard.applySecret(change),
      () => shard.context.crypto.keyProvider(),
    );
    this.controller = new DaemonController({
      shards: [shard],
      side: control,
      connections: this.connections,
      log,
      status: () => Promise.resolve(this.status),
      profile: () => Promise.reject(new Error("not part of this")),
      plugins: () => Promise.resolve([{ name: "vici", critical: false, loaded: true, features: [], options: [] }]),
      reloadSettings: () => (this.settingsProblem ? Promise.reject(this.settingsProblem) : Promise.resolve()),
      shutdown: () => undefined,
    });
  }

  static async start(end: End, pair: DrivenPair, settings: Record<string, string> = {}): Promise<ViciEnd> {
    const made = new ViciEnd(end, pair, mkdtempSync(join(tmpdir(), "cygnet-vici-")));
    await made.#load(settings);
    return made;
  }

  async #load(settings: Record<string, string>): Promise<void> {
    const { end, controller } = this;
    const services = new Map<unknown, () => unknown>([
      [AttributeManager, () => end.attributes],
      [Bus, () => end.bus],
      [ConnectionStore, () => this.connections],
      [ControlLink, () => end.shard.controlLink],
      [Controller, () => controller],
      [CounterQuery, () => this.counters],
      [CredentialStore, () => this.credentials],
      [RevocationListFiles, () => new ListFiles(this.credentials, end.log)],
      [CryptoRegistry, () => end.shard.context.crypto],
      [DefinitionNotation, () => notation],
      [LogSinks, () => ({ add: (sink: never) => end.log.attach(sink) })],
      [ShardController, () => end.shard.controller],
      [ShardLinks, () => new LinkedShards([end.shard], end.control, new PluginGuard({ log: end.log }))],
      [StreamServices, () => new NetStreamServices({ log: end.log, pidDir: this.directory })],
    ]);
    const resolve = <S>(token: ServiceToken<S>): S => {
      const service = services.get(token)?.();
      if (service === undefined) throw new PluginError("CYG_PLUGIN_SERVICE", "vici", "not here");
      return service as S;
    };
    const [feature] = plugin.features({ socket: undefined });
    const undo = await feature!.register({
      plugin: "vici",
      locations: ["control", "shard"],
      options: { socket: undefined },
      charon: Settings.fromObject({ charon: settings }).section("charon"),
      log: end.log,
      ready: Promise.resolve(),
      resolve,
      provide: () => () => undefined,
    });
    this.#unload = undo ?? this.#unload;
  }

  async client(): Promise<ViciClient> {
    const client = await ViciClient.connect(`unix://${this.path}`);
    this.#clients.push(client);
    return client;
  }

  /** Sends a request with a client of its own, while time goes on. */
  async request(command: string, data: MessageData = {}): Promise<Record<string, unknown>> {
    const client = await this.client();
    return (await this.pair.while(client.request(command, data))).toJSON();
  }

  /** What a request answers that is refused. */
  async refusal(command: string, data: MessageData = {}): Promise<string> {
    return this.request(command, data).then(
      () => "not refused",
      (error: Error) => error.message,
    );
  }

  /** All events that a command streams. */
  async list(command: string, event: string, data: MessageData = {}): Promise<Record<string, unknown>[]> {
    const client = await this.client();
    const collect = async (): Promise<Record<string, unknown>[]> => {
      const all: Section[] = [];
      for await (const section of client.stream(command, event, data)) all.push(section);
      return all.map((section) => section.toJSON());
    };
    return this.pair.while(collect());
  }

  get messages(): string[] {
    return this.end.messages(LogGroup.CFG);
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#unload();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A pair whose clock goes on while something is waited for. */
class DrivenPair extends Pair {
  async while<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => void (isSettled = true);
    promise.then(settled, settled);
    while (!isSettled) await this.run(10, 1);
    return promise;
  }
}

/** Two ends with a vici socket each. */
export async function viciPair(settings: Record<string, string> = {}) {
  const pair = new DrivenPair({ moon: { settings }, sun: {} });
  const [moon, sun] = [await ViciEnd.start(pair.moon, pair, settings), await ViciEnd.start(pair.sun, pair)];
  return { pair, moon, sun, stop: async () => void (await Promise.all([moon.stop(), sun.stop()])) };
}

const SECRET = new TextEncoder().encode("a secret that both know");

/** The usual connection `net` of an end, as swanctl sends it. */
export function usualConnection(end: "moon" | "sun", more: MessageData = {}, child: MessageData = {}): MessageData {
  const [own, other] = end === "moon" ? ["192.0.2.1", "192.0.2.2"] : ["192.0.2.2", "192.0.2.1"];
  const [local, remote] = end === "moon" ? ["10.1.0.0/16", "10.2.0.0/16"] : ["10.2.0.0/16", "10.1.0.0/16"];
  return {
    net: {
      local_addrs: [own],
      remote_addrs: [other],
      proposals: ["aes128-sha1-modp768"],
      local: { auth: "psk", id: end },
      remote: { auth: "psk", id: end === "moon" ? "sun" : "moon" },
      children: { net: { local_ts: [local], remote_ts: [remote], esp_proposals: ["aes128-sha1"], ...child } },
      ...more,
    },
  };
}

/** Loads the usual secret and connection on both ends. */
export async function configure(
  { moon, sun }: { readonly moon: ViciEnd; readonly sun: ViciEnd },
  more: MessageData = {},
  child: MessageData = {},
): Promise<void> {
  for (const [name, end] of [
    ["sun", sun],
    ["moon", moon],
  ] as const) {
    await end.request("load-shared", { id: "ike-net", type: "IKE", data: SECRET, owners: ["moon", "sun"] });
    await end.request("load-conn", name === "moon" ? usualConnection(name, more, child) : usualConnection(name));
  }
}
