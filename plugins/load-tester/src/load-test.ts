import { Controller, LogGroup, PluginError, ShardLinks, StreamServices } from "@cygnet/plugin-api";
import type { PluginContext, Undo } from "@cygnet/plugin-api";
import { NO_LOAD_TESTS } from "./auth-rounds.js";
import { ControlService } from "./control-service.js";
import { InitiationRequests } from "./initiation-requests.js";
import { SHARD_STATUS, START_INITIATORS } from "./link-topics.js";
import type { Proposals, StartRequest } from "./link-topics.js";
import { jobCounts } from "./load-test-status.js";
import type { LoadTestStatus } from "./load-test-status.js";
import { unsupportedOptions } from "./load-tester-options.js";
import type { LOAD_TESTER_OPTIONS } from "./load-tester-options.js";
import { PeerGenerator } from "./peer-generator.js";
import { addResponder } from "./responder.js";
import { ONLY_SHARD } from "./shard-share.js";
import { checkPools } from "./source-addresses.js";
import { sumStatus } from "./status-sum.js";

/** Control clients at a time; more wait. */
const MAX_CLIENTS = 16;

/** The load test of a daemon: its responder, its control socket and its status. The shards initiate. */
export class LoadTest {
  readonly #context: PluginContext<typeof LOAD_TESTER_OPTIONS>;
  readonly #controller: Controller;
  readonly #shards: ShardLinks;
  readonly #requests: InitiationRequests;
  readonly #control: ControlService;
  readonly #undo: Undo[] = [];
  /** Those of the options, or what the core takes in their place; undefined as long as there are no load tests. */
  #proposals: Proposals | undefined;
  #isComplete = false;
  #stopped = false;

  constructor(context: PluginContext<typeof LOAD_TESTER_OPTIONS>) {
    this.#context = context;
    this.#controller = context.resolve(Controller);
    this.#shards = context.resolve(ShardLinks);
    const requests = (this.#requests = new InitiationRequests(this.#shards));
    this.#control = new ControlService({
      initiate: (watcher, delayMs) => requests.initiate(watcher, { proposals: this.#proposals, delayMs }),
      status: () => this.status(),
      startInitiators: (atMost) => this.#startInitiators(atMost, false),
    });
  }

  /**
   * Says what is wrong with the options, adds the responder, opens the control socket and has the shards begin.
   * @throws {DefinitionError} for options that are unusable @throws {SystemError} CYG_STREAM_LISTEN
   */
  async start(): Promise<void> {
    const { options } = this.#context;
    for (const line of unsupportedOptions(options)) this.#say(line);
    for (const line of checkPools(options.addrs?.entries() ?? [])) this.#say(line);
    // Without one the control socket is served all the same, and the shards refuse.
    const generator = PeerGenerator.of(options, ONLY_SHARD, (reason) => this.#say(`load-tester: ${reason}`));
    if (generator) this.#proposals = await this.#addResponder(generator);
    this.#undo.push(this.#requests.listen());
    this.#undo.push(await this.#openSocket());
    if (!options.start_on_request) this.#startInitiators(Infinity, true).catch((error) => this.#complain(error));
  }

  /** Undoes what was done of `start`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#control.stop();
    for (const undo of this.#undo.splice(0).reverse()) await undo();
  }

  /** How it is getting on. */
  async status(): Promise<LoadTestStatus> {
    const [shards, { connecting, up }, messages, { processor }] = await Promise.all([
      this.#shards.askAll(SHARD_STATUS, undefined),
      this.#controller.count(),
      this.#controller.messageCounts(),
      this.#controller.status(),
    ]);
    return { ...sumStatus(shards), processor: jobCounts(processor), half_open: connecting, up, messages };
  }

  /** @returns what initiations propose; undefined, and says why, where authorities and keys are unusable */
  async #addResponder(generator: PeerGenerator): Promise<Proposals | undefined> {
    const { options } = this.#context;
    for (const line of generator.notices) this.#say(line);
    try {
      this.#undo.push(await addResponder(generator, options, this.#context));
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.#say(`load-tester: ${error.message}, ${NO_LOAD_TESTS}`);
      return undefined;
    }
    const { proposal, esp } = generator;
    return { proposal, esp };
  }

  #openSocket(): Promise<Undo> {
    const { options, resolve } = this.#context;
    const streams = resolve(StreamServices);
    return streams.listen({
      uri: options.socket ?? `unix://${streams.pidDir}/charon.ldt`,
      maxConcurrent: MAX_CLIENTS,
      onConnection: (client) => this.#control.serve(client),
    });
  }

  /** Resolves when they have ended. They start once: who asks again waits for the same end. */
  async #startInitiators(atMost: number, asJob: boolean): Promise<void> {
    const request: StartRequest = { proposals: this.#proposals, atMost, asJob };
    const ended = await this.#shards.askAll(START_INITIATORS, request);
    const isComplete = ended.every((count) => count !== undefined) && ended.some((count) => count > 0);
    if (isComplete && !this.#isComplete && !this.#stopped) this.#complete();
  }

  #complete(): void {
    this.#isComplete = true;
    if (!this.#context.options.shutdown_when_complete) return;
    this.#say("load-test complete, raising SIGTERM");
    this.#controller.shutdown("load-test complete");
  }

  #complain(error: unknown): void {
    this.#say(`initiators of load tests failed: ${error instanceof Error ? error.message : String(error)}`);
  }

  #say(message: string): void {
    this.#context.log.log(LogGroup.CFG, 1, message);
  }
}
