import { LogGroup } from "@cygnet/plugin-api";
import type {
  GatewayName,
  IkeSaView,
  Logger,
  MaybePromise,
  RedirectGateway,
  RedirectManager,
  RedirectProvider,
  Undo,
} from "@cygnet/plugin-api";
import type { PluginGuard } from "@cygnet/runtime";
import { gatewayOf } from "./ikev2/redirect-notify.js";

/** Plugins of a shard that send clients to other gateways. */
export class RedirectProviders implements RedirectManager {
  #providers: readonly RedirectProvider[] = [];

  constructor(
    private readonly log: Logger,
    private readonly guard: PluginGuard,
  ) {}

  addProvider(provider: RedirectProvider): Undo {
    this.#providers = [...this.#providers, provider];
    return () => {
      this.#providers = this.#providers.filter((other) => other !== provider);
    };
  }

  /** Whether there is nobody to ask. */
  get isEmpty(): boolean {
    return this.#providers.length === 0;
  }

  /**
   * Asks one provider after the other where a client is to go. Never rejects.
   * @returns undefined where it is to stay
   */
  gatewayFor(ikeSa: IkeSaView, what: "onInit" | "onAuth"): MaybePromise<RedirectGateway | undefined> {
    return this.#ask(ikeSa, what, this.#providers, 0);
  }

  #ask(
    ikeSa: IkeSaView,
    what: "onInit" | "onAuth",
    providers: readonly RedirectProvider[],
    from: number,
  ): MaybePromise<RedirectGateway | undefined> {
    for (let i = from; i < providers.length; i++) {
      const provider = providers[i]!;
      if (!provider[what]) continue;
      const call = { kind: "redirect provider", name: provider.name, what, otherwise: undefined };
      const answer = this.guard.call<GatewayName | undefined>(call, () => provider[what]?.(ikeSa));
      if (answer instanceof Promise) return answer.then((name) => this.#take(name) ?? this.#ask(ikeSa, what, providers, i + 1));
      const gateway = this.#take(answer);
      if (gateway) return gateway;
    }
    return undefined;
  }

  #take(name: GatewayName | undefined): RedirectGateway | undefined {
    const gateway = name === undefined ? undefined : gatewayOf(name);
    if (name !== undefined && !gateway) this.log.log(LogGroup.IKE, 1, "redirect provider returned invalid gateway ID");
    return gateway;
  }
}
