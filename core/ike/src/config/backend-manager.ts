import type {
  BackendManager,
  ConfigBackend,
  CredentialSet,
  IkeConfigQuery,
  IkeDefinition,
  MaybePromise,
  PeerConfigQuery,
  PeerDefinition,
  SecretQuery,
  SharedSecret,
  Undo,
} from "@cygnet/plugin-api";
import { peerDefinition } from "@cygnet/plugin-api";
import type { PluginGuard } from "@cygnet/runtime";

/** What there is to ask for. A shard that knows that there is nothing asks nobody. Plain data. */
export interface BackendKinds {
  readonly configs: boolean;
  readonly secrets: boolean;
}

export const NO_BACKENDS: BackendKinds = Object.freeze({ configs: false, secrets: false });

/** What one backend or credential set answered. Plain data. */
export interface Offered<T> {
  readonly by: string;
  readonly items: readonly T[];
}

/** The same one may be added twice; each is taken back by itself. */
interface Registered<B> {
  readonly item: B;
}

/** The backends and credential sets of plugins, on control. Nothing is a promise unless one of them makes one, and none rejects. */
export class BackendManagerImpl implements BackendManager {
  #backends: readonly Registered<ConfigBackend>[] = [];
  #sets: readonly Registered<CredentialSet>[] = [];

  /**
   * @param guard what they are called by
   * @param tellShards that there is something to ask for, or is not any more
   */
  constructor(
    private readonly guard: PluginGuard,
    private readonly tellShards: (kinds: BackendKinds) => void,
  ) {}

  addBackend(backend: ConfigBackend): Undo {
    const registered = { item: backend };
    this.#backends = [...this.#backends, registered];
    this.tellShards(this.kinds);
    return () => {
      this.#backends = this.#backends.filter((each) => each !== registered);
      this.tellShards(this.kinds);
    };
  }

  addCredentialSet(set: CredentialSet): Undo {
    const registered = { item: set };
    this.#sets = [...this.#sets, registered];
    this.tellShards(this.kinds);
    return () => {
      this.#sets = this.#sets.filter((each) => each !== registered);
      this.tellShards(this.kinds);
    };
  }

  get kinds(): BackendKinds {
    return { configs: this.#backends.length > 0, secrets: this.#sets.length > 0 };
  }

  ikeConfigs(query: IkeConfigQuery): MaybePromise<readonly Offered<IkeDefinition>[]> {
    return this.#ask(BACKEND, this.#backends, "ikeConfigs", plain, (backend) =>
      backend.ikeConfigs ? backend.ikeConfigs(query) : [peerDefinition(backend.name, { version: query.version })],
    );
  }

  peerConfigs(query: PeerConfigQuery): MaybePromise<readonly Offered<PeerDefinition>[]> {
    return this.#ask(BACKEND, this.#backends, "peerConfigs", plain, (backend) => backend.peerConfigs(query));
  }

  sharedSecrets(query: SecretQuery): MaybePromise<readonly Offered<SharedSecret>[]> {
    return this.#ask("credential set", this.#sets, "sharedSecrets", copyOfSecret, (set) => set.sharedSecrets(query));
  }

  /** Asks all at a time; the answers are in the order in which they were added. */
  #ask<B extends { readonly name: string }, T>(
    kind: string,
    all: readonly Registered<B>[],
    what: string,
    copy: (item: T) => T,
    act: (item: B) => MaybePromise<readonly T[]>,
  ): MaybePromise<readonly Offered<T>[]> {
    const answers = all.map(({ item }) => {
      const { name } = item;
      const call = { kind, name, what, otherwise: NOTHING };
      const offer = (items: readonly T[]): Offered<T> => ({ by: name, items });
      const answer = this.guard.call<readonly T[]>(call, () => {
        const given = act(item);
        return given instanceof Promise ? given.then((later) => copied(later, copy)) : copied(given, copy);
      });
      return answer instanceof Promise ? answer.then(offer) : offer(answer);
    });
    return answers.some((answer) => answer instanceof Promise) ? Promise.all(answers) : (answers as readonly Offered<T>[]);
  }
}

const BACKEND = "backend";
const NOTHING: readonly never[] = Object.freeze([]);

/** @throws where it is not what was asked for */
function copied<T>(given: readonly T[], copy: (item: T) => T): readonly T[] {
  if (!Array.isArray(given)) throw new TypeError("the answer is no list");
  return given.length === 0 ? NOTHING : given.map(copy);
}

/** Detached from the plugin's object, and sure to cross to a shard. */
const plain = <T>(item: T): T => structuredClone(item);

/** Anything else than octets would make an empty secret. */
function copyOfSecret({ type, owners, secret }: SharedSecret): SharedSecret {
  if (!(secret instanceof Uint8Array)) throw new TypeError("a secret is a Uint8Array");
  return { type, owners: owners.map(String), secret: new Uint8Array(secret) };
}
