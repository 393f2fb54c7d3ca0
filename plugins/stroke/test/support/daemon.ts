import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AttributeManager,
  ConnectionStore,
  Controller,
  CounterQuery,
  CredentialStore,
  CryptoRegistry,
  DefinitionNotation,
  KernelManager,
  LoadedPlugins,
  LogGroup,
  Logger,
  RevocationListFiles,
  ShardController,
  StreamServices,
} from "@cygnet/plugin-api";
import {
  ListFiles,
  LogManager,
  MemoryPluginSource,
  MemorySink,
  NetStreamServices,
  PluginHost,
  SystemClock,
  createContainer,
  parseSettings,
  provide,
  readOptions,
  resolveFor,
} from "@cygnet/plugin-testkit/parts";
import { encodeStrokeMessage } from "../../src/abi/index.js";
import type { StrokeMessageInit, StrokeMessageType } from "../../src/abi/index.js";
import { STATUS_TEXT, statusText } from "../../src/format/index.js";
import plugin, { startStroke } from "../../src/plugin.js";
import type { StartTimer } from "../../src/index.js";
import { FakeAttributes, FakeConnections, FakeController, FakeCredentials } from "./fake-services.js";

export interface DaemonOptions {
  /** Text of the plugin's section. */
  readonly settings?: string;
  /** Text of the daemon's section. */
  readonly charon?: string;
  /** Text of ipsec.secrets; without it there is no such file. */
  readonly secrets?: string;
  readonly counters?: CounterQuery;
  readonly startTimer?: StartTimer;
  /** Connections that the control socket keeps. */
  readonly room?: number | undefined;
}

/** A daemon in a directory of its own: fake services around the real plugin and real sockets. */
export class Daemon {
  readonly directory = mkdtempSync(join(tmpdir(), "cygnet-stroke-"));
  readonly socketPath = join(this.directory, "charon.ctl");
  readonly secretsPath = join(this.directory, "ipsec.secrets");
  readonly container = createContainer();
  readonly controller = new FakeController();
  readonly connections = new FakeConnections();
  readonly attributes = new FakeAttributes();
  readonly credentials = new FakeCredentials();
  readonly #log = new LogManager(new SystemClock());
  readonly #sink = new MemorySink(1);
  #stop: () => unknown = () => undefined;
  #reload: (settings: string) => Promise<void> = () => Promise.resolve();

  static async start(options: DaemonOptions = {}): Promise<Daemon> {
    const daemon = new Daemon();
    await daemon.#start(options);
    return daemon;
  }

  /** Log lines of group CFG. */
  get messages(): string[] {
    return this.#sink.messages(LogGroup.CFG);
  }

  async #start({ settings = "", charon: own = "", secrets, counters, startTimer, room }: DaemonOptions): Promise<void> {
    if (secrets !== undefined) writeFileSync(this.secretsPath, secrets);
    this.#log.addSink(this.#sink);
    provide(this.container, Controller, this.controller);
    provide(this.container, ShardController, this.controller as never);
    provide(this.container, ConnectionStore, this.connections);
    provide(this.container, AttributeManager, this.attributes);
    provide(this.container, CredentialStore, this.credentials);
    provide(this.container, RevocationListFiles, new ListFiles(this.credentials, this.#log));
    provide(this.container, Logger, this.#log);
    provide(this.container, StreamServices, new NetStreamServices({ log: this.#log, pidDir: this.directory, room }));
    provide(this.container, KernelManager, {
      addIpsec: () => () => undefined,
      addNet: () => () => undefined,
      net: undefined,
    } as never);
    provide(this.container, DefinitionNotation, { identity: (text) => text.replace(/^@/, ""), selector: (text) => text });
    provide(this.container, CryptoRegistry, { list: () => [{ kind: "hasher", name: "HASH_SHA1", plugin: "sha1" }] } as never);
    if (counters) provide(this.container, CounterQuery, counters);
    const text = `charon { ${own}\nplugins { stroke { secrets_file = ${this.secretsPath}\n${settings}\n} } }`;
    const charon = parseSettings(text, { file: "strongswan.conf" }).settings.section("charon");
    if (startTimer) {
      this.controller.addText(STATUS_TEXT, statusText);
      const undo = await startStroke(
        {
          plugin: "stroke",
          locations: ["control"],
          options: readOptions(plugin.options!, charon.section(["plugins", "stroke"])) as never,
          charon,
          log: this.#log,
          ready: Promise.resolve(),
          resolve: (token) => resolveFor("stroke", this.container, token),
          provide: () => () => undefined,
        },
        startTimer,
      );
      this.#stop = undo;
      return;
    }
    const source = new MemoryPluginSource([plugin as never]);
    const host = new PluginHost({
      locations: ["control", "shard"],
      source,
      container: this.container,
      log: this.#log,
      charon,
      defaultList: ["stroke"],
    });
    provide(this.container, LoadedPlugins, host);
    await host.load();
    this.#stop = () => host.unload();
    this.#reload = (changed) =>
      host.reload(
        parseSettings(`charon { plugins { stroke { ${changed}\n} } }`, { file: "strongswan.conf" }).settings.section("charon"),
      );
  }

  /** Has the plugin take other options. */
  async reload(settings: string): Promise<void> {
    await this.#reload(settings);
  }

  /** Unloads the plugin. */
  async unload(): Promise<void> {
    await this.#stop();
  }

  async stop(): Promise<void> {
    await this.unload();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** An open connection to the stroke socket. */
  connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.socketPath);
      socket.once("error", reject).once("connect", () => resolve(socket));
    });
  }

  /** Sends a request. @returns the whole reply */
  async request<T extends StrokeMessageType>(message: StrokeMessageInit<T>): Promise<string> {
    const socket = await this.connect();
    socket.write(encodeStrokeMessage(message));
    return readAll(socket);
  }
}

/** All that comes until the other side closes. */
export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    socket.once("error", reject).once("close", () => resolve(text));
  });
}
