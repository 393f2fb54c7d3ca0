import { LogGroup } from "@cygnet/plugin-api";
import type { IkeDefinition, MaybePromise, Packet, PeerDefinition, SharedSecret } from "@cygnet/plugin-api";
import { ConfigSet, NO_BACKENDS, compileIke } from "../config/index.js";
import type { BackendKinds, CompileEnv, IkeConfig, Offered } from "../config/index.js";
import { SecretStore } from "../credentials/index.js";
import type { Identification } from "../identity/index.js";
import type { IkeContext } from "../ike-context.js";
import type { ProcessMessageJob } from "../network/process-message-job.js";
import type { IkeSa } from "./ike-sa.js";

/** Version of IKE that is asked for. */
const IKEV2 = 2;

/** Secrets that credential sets had for a pair of identities. They are zeroed with the handshake. */
export interface FoundSecrets {
  readonly localId: Identification;
  readonly remoteId: Identification;
  readonly store: SecretStore;
}

/**
 * Asks backends and credential sets of plugins, which are on control, for what this shard has not loaded. Who calls looks at `kinds` first, so
 * that a setup costs nothing more where there are none.
 */
export class BackendLookup {
  /** What there is to ask for. */
  kinds: BackendKinds = NO_BACKENDS;

  constructor(
    private readonly context: IkeContext,
    private readonly env: CompileEnv,
  ) {}

  /**
   * Asks what may be agreed on with the sender of a first message. The job waits without a slot.
   * @param again takes the message once more, with what fits its addresses, the best first
   */
  ikeConfigsFor(job: ProcessMessageJob, again: (configs: readonly IkeConfig[]) => MaybePromise<void>): MaybePromise<void> {
    const configs = this.#ikeConfigs(job.packet);
    if (!(configs instanceof Promise)) return again(configs);
    job.detach();
    const { name, priority } = job;
    void configs.then((found) => this.context.processor.queue({ name, priority, execute: () => again(found) }));
  }

  #ikeConfigs({ destination, source }: Packet): MaybePromise<readonly IkeConfig[]> {
    const fitting = (offers: readonly Offered<IkeDefinition>[]): readonly IkeConfig[] => {
      const configs = this.#compile(offers, (definition) => compileIke(definition, this.env));
      return configs
        .map((config) => ({ config, quality: config.allows(IKEV2) ? config.quality(destination, source) : 0 }))
        .filter(({ quality }) => quality > 0)
        .sort((a, b) => b.quality - a.quality)
        .map(({ config }) => config);
    };
    const query = { version: IKEV2, local: String(destination), remote: String(source) } as const;
    this.context.log.log(LogGroup.CFG, 2, `asking backends for IKE configs of ${query.local}...${query.remote}`);
    const offers = this.context.control.ikeConfigs(query);
    return offers instanceof Promise ? offers.then(fitting) : fitting(offers);
  }

  /**
   * Asks for connections of a peer that has said who it is.
   * @param asked the identity that the peer expects of us
   * @param conclude is given them, to choose from as from those that are loaded
   */
  peerConfigs<R>(
    ikeSa: IkeSa,
    asked: Identification | undefined,
    conclude: (configs: ConfigSet) => MaybePromise<R>,
  ): MaybePromise<R> {
    const { control, manager } = this.context;
    const query = {
      version: IKEV2,
      local: String(ikeSa.local),
      remote: String(ikeSa.remote),
      localId: asked && String(asked),
      remoteId: String(ikeSa.remoteId),
    } as const;
    const choose = (offers: readonly Offered<PeerDefinition>[]): MaybePromise<R> => conclude(this.#configSet(offers));
    this.context.log.log(LogGroup.CFG, 2, `asking backends for peer configs of '${query.remoteId}'`);
    const offers = control.peerConfigs(query);
    return offers instanceof Promise ? manager.whenSettled(ikeSa, offers, choose) : choose(offers);
  }

  /** Whether credential sets should be asked, since no loaded pre-shared key names the peer. */
  lacksSecret({ localId, remoteId, handshake }: IkeSa): boolean {
    if (!this.kinds.secrets) return false;
    const found = handshake!.foundSecrets;
    if (found && found.localId.equals(localId!) && found.remoteId.equals(remoteId!)) return false;
    return !this.context.secrets.names("IKE", remoteId!);
  }

  /** Asks credential sets for pre-shared keys of the IKE_SA's identities, which its handshake has then. */
  findSecrets<R>(ikeSa: IkeSa, next: () => MaybePromise<R>): MaybePromise<R> {
    const { control, manager, log } = this.context;
    const localId = ikeSa.localId!;
    const remoteId = ikeSa.remoteId!;
    const take = (offers: readonly Offered<SharedSecret>[]): MaybePromise<R> => {
      const store = new SecretStore();
      for (const { by, items } of offers) {
        try {
          store.replace(by, items);
        } catch (error) {
          log.log(LogGroup.CFG, 1, `secrets of '${by}' cannot be used: ${messageOf(error)}`);
        }
      }
      const handshake = ikeSa.handshake!;
      handshake.foundSecrets?.store.clear();
      handshake.foundSecrets = { localId, remoteId, store };
      return next();
    };
    log.log(LogGroup.CFG, 2, `asking for a shared key of '${localId}' - '${remoteId}'`);
    const offers = control.sharedSecrets({ type: "IKE", localId: String(localId), remoteId: String(remoteId) });
    return offers instanceof Promise ? manager.whenSettled(ikeSa, offers, take) : take(offers);
  }

  #configSet(offers: readonly Offered<PeerDefinition>[]): ConfigSet {
    const set = new ConfigSet(this.env);
    set.rdnMatching = this.context.configs.rdnMatching;
    for (const { by, items } of offers) this.#compile([{ by, items }], (definition) => set.add(by, definition));
    return set;
  }

  /** What can be used; what cannot is named with who has it. */
  #compile<D extends { readonly name: string }, C>(offers: readonly Offered<D>[], compile: (definition: D) => C): readonly C[] {
    const compiled: C[] = [];
    for (const { by, items } of offers) {
      for (const definition of items) {
        try {
          compiled.push(compile(definition));
        } catch (error) {
          // Whatever it is: a plugin need not be written in TypeScript.
          const text = `connection '${String(definition?.name)}' of backend '${by}' cannot be used: ${messageOf(error)}`;
          this.context.log.log(LogGroup.CFG, 1, text);
        }
      }
    }
    return compiled;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
