import { LogGroup } from "@cygnet/plugin-api";
import type {
  Alert,
  Attribute,
  Bus,
  BusMessage,
  ChildKeys,
  ChildSaState,
  ChildSaView,
  Host,
  IkeKeys,
  IkeSaState,
  IkeSaView,
  Listener,
  Logger,
  MaybePromise,
  NarrowStage,
  TrafficRange,
} from "@cygnet/plugin-api";

/** Names of the listener events. */
export type BusEvent = Exclude<keyof Listener, "name">;

/** Listeners of one event, in registration order. Replaced, never changed, so that an event under way sees a fixed list. */
type Listeners<E extends BusEvent> = readonly (Listener & Required<Pick<Listener, E>>)[];

/** Listeners per event. Written out so that each property has a fixed place and an event without listeners costs one length check. */
class ListenerTable {
  alert: Listeners<"alert"> = [];
  ikeStateChange: Listeners<"ikeStateChange"> = [];
  childStateChange: Listeners<"childStateChange"> = [];
  message: Listeners<"message"> = [];
  ikeKeys: Listeners<"ikeKeys"> = [];
  childKeys: Listeners<"childKeys"> = [];
  ikeUpdown: Listeners<"ikeUpdown"> = [];
  ikeRekey: Listeners<"ikeRekey"> = [];
  ikeReestablish: Listeners<"ikeReestablish"> = [];
  ikeUpdate: Listeners<"ikeUpdate"> = [];
  childUpdown: Listeners<"childUpdown"> = [];
  childRekey: Listeners<"childRekey"> = [];
  authorize: Listeners<"authorize"> = [];
  narrow: Listeners<"narrow"> = [];
  assignVirtualIps: Listeners<"assignVirtualIps"> = [];
  handleVirtualIps: Listeners<"handleVirtualIps"> = [];
  attributes: Listeners<"attributes"> = [];

  /** Puts each event's own implementers among `listeners` in place. */
  fill(listeners: readonly Listener[]): void {
    this.alert = implementing(listeners, "alert");
    this.ikeStateChange = implementing(listeners, "ikeStateChange");
    this.childStateChange = implementing(listeners, "childStateChange");
    this.message = implementing(listeners, "message");
    this.ikeKeys = implementing(listeners, "ikeKeys");
    this.childKeys = implementing(listeners, "childKeys");
    this.ikeUpdown = implementing(listeners, "ikeUpdown");
    this.ikeRekey = implementing(listeners, "ikeRekey");
    this.ikeReestablish = implementing(listeners, "ikeReestablish");
    this.ikeUpdate = implementing(listeners, "ikeUpdate");
    this.childUpdown = implementing(listeners, "childUpdown");
    this.childRekey = implementing(listeners, "childRekey");
    this.authorize = implementing(listeners, "authorize");
    this.narrow = implementing(listeners, "narrow");
    this.assignVirtualIps = implementing(listeners, "assignVirtualIps");
    this.handleVirtualIps = implementing(listeners, "handleVirtualIps");
    this.attributes = implementing(listeners, "attributes");
  }
}

/**
 * The event bus of a shard. `core/ike` calls the method of an event; everybody who listens is called synchronously, in registration
 * order. A listener that throws is logged with its name, and neither the others nor the IKE_SA notice.
 *
 * A listener added or removed during an event takes part, or no longer does, from the next event on.
 */
export class EventBus implements Bus {
  readonly #log: Logger;
  readonly #on = new ListenerTable();
  #listeners: readonly Listener[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  addListener(listener: Listener): () => void {
    this.#change([...this.#listeners, listener]);
    let added = true;
    return () => {
      if (!added) return;
      added = false;
      // By position: the same listener may have been added twice.
      const at = this.#listeners.lastIndexOf(listener);
      this.#change(this.#listeners.filter((_, i) => i !== at));
    };
  }

  /** Whether anybody listens, for events whose arguments are costly to make. */
  wants(event: BusEvent): boolean {
    return this.#on[event].length > 0;
  }

  alert(ikeSa: IkeSaView | undefined, alert: Alert): void {
    const listeners = this.#on.alert;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].alert(ikeSa, alert);
      } catch (error) {
        this.#failed(listeners[i], "alert", error);
      }
    }
  }

  ikeStateChange(ikeSa: IkeSaView, state: IkeSaState): void {
    const listeners = this.#on.ikeStateChange;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].ikeStateChange(ikeSa, state);
      } catch (error) {
        this.#failed(listeners[i], "ikeStateChange", error);
      }
    }
  }

  childStateChange(ikeSa: IkeSaView, childSa: ChildSaView, state: ChildSaState): void {
    const listeners = this.#on.childStateChange;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].childStateChange(ikeSa, childSa, state);
      } catch (error) {
        this.#failed(listeners[i], "childStateChange", error);
      }
    }
  }

  message(ikeSa: IkeSaView, message: BusMessage, incoming: boolean): void {
    const listeners = this.#on.message;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].message(ikeSa, message, incoming);
      } catch (error) {
        this.#failed(listeners[i], "message", error);
      }
    }
  }

  ikeKeys(ikeSa: IkeSaView, keys: IkeKeys): void {
    const listeners = this.#on.ikeKeys;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].ikeKeys(ikeSa, keys);
      } catch (error) {
        this.#failed(listeners[i], "ikeKeys", error);
      }
    }
  }

  childKeys(ikeSa: IkeSaView, childSa: ChildSaView, isInitiator: boolean, keys: ChildKeys): void {
    const listeners = this.#on.childKeys;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].childKeys(ikeSa, childSa, isInitiator, keys);
      } catch (error) {
        this.#failed(listeners[i], "childKeys", error);
      }
    }
  }

  ikeUpdown(ikeSa: IkeSaView, up: boolean): void {
    const listeners = this.#on.ikeUpdown;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].ikeUpdown(ikeSa, up);
      } catch (error) {
        this.#failed(listeners[i], "ikeUpdown", error);
      }
    }
  }

  ikeRekey(oldSa: IkeSaView, newSa: IkeSaView): void {
    const listeners = this.#on.ikeRekey;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].ikeRekey(oldSa, newSa);
      } catch (error) {
        this.#failed(listeners[i], "ikeRekey", error);
      }
    }
  }

  ikeReestablish(oldSa: IkeSaView, newSa: IkeSaView, initiated: boolean): void {
    const listeners = this.#on.ikeReestablish;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].ikeReestablish(oldSa, newSa, initiated);
      } catch (error) {
        this.#failed(listeners[i], "ikeReestablish", error);
      }
    }
  }

  ikeUpdate(ikeSa: IkeSaView, local: Host, remote: Host): void {
    const listeners = this.#on.ikeUpdate;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].ikeUpdate(ikeSa, local, remote);
      } catch (error) {
        this.#failed(listeners[i], "ikeUpdate", error);
      }
    }
  }

  childUpdown(ikeSa: IkeSaView, childSa: ChildSaView, up: boolean): void {
    const listeners = this.#on.childUpdown;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].childUpdown(ikeSa, childSa, up);
      } catch (error) {
        this.#failed(listeners[i], "childUpdown", error);
      }
    }
  }

  childRekey(ikeSa: IkeSaView, oldChild: ChildSaView, newChild: ChildSaView): void {
    const listeners = this.#on.childRekey;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].childRekey(ikeSa, oldChild, newChild);
      } catch (error) {
        this.#failed(listeners[i], "childRekey", error);
      }
    }
  }

  narrow(ikeSa: IkeSaView, childSa: ChildSaView, stage: NarrowStage, local: TrafficRange[], remote: TrafficRange[]): void {
    const listeners = this.#on.narrow;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].narrow(ikeSa, childSa, stage, local, remote);
      } catch (error) {
        this.#failed(listeners[i], "narrow", error);
      }
    }
  }

  assignVirtualIps(ikeSa: IkeSaView, assign: boolean): void {
    const listeners = this.#on.assignVirtualIps;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].assignVirtualIps(ikeSa, assign);
      } catch (error) {
        this.#failed(listeners[i], "assignVirtualIps", error);
      }
    }
  }

  handleVirtualIps(ikeSa: IkeSaView, handle: boolean): void {
    const listeners = this.#on.handleVirtualIps;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].handleVirtualIps(ikeSa, handle);
      } catch (error) {
        this.#failed(listeners[i], "handleVirtualIps", error);
      }
    }
  }

  attributes(ikeSa: IkeSaView, attributes: readonly Attribute[]): void {
    const listeners = this.#on.attributes;
    for (let i = 0; i < listeners.length; i++) {
      try {
        listeners[i].attributes(ikeSa, attributes);
      } catch (error) {
        this.#failed(listeners[i], "attributes", error);
      }
    }
  }

  /**
   * Asks all listeners in turn until one refuses. One that throws or rejects refuses: authorization fails closed.
   * @returns at once unless a listener has to wait
   */
  authorize(ikeSa: IkeSaView, final: boolean): MaybePromise<boolean> {
    return this.#on.authorize.length === 0 || this.#authorizeFrom(this.#on.authorize, 0, ikeSa, final);
  }

  #authorizeFrom(listeners: Listeners<"authorize">, from: number, ikeSa: IkeSaView, final: boolean): MaybePromise<boolean> {
    for (let i = from; i < listeners.length; i++) {
      const listener = listeners[i];
      let granted: MaybePromise<boolean>;
      try {
        granted = listener.authorize(ikeSa, final);
      } catch (error) {
        this.#failed(listener, "authorize", error);
        return false;
      }
      if (typeof granted !== "boolean") return this.#authorizeLater(granted, listeners, i, ikeSa, final);
      if (!granted) return false;
    }
    return true;
  }

  async #authorizeLater(
    pending: Promise<boolean>,
    listeners: Listeners<"authorize">,
    at: number,
    ikeSa: IkeSaView,
    final: boolean,
  ): Promise<boolean> {
    try {
      if ((await pending) !== true) return false;
    } catch (error) {
      this.#failed(listeners[at], "authorize", error);
      return false;
    }
    return this.#authorizeFrom(listeners, at + 1, ikeSa, final);
  }

  #change(listeners: readonly Listener[]): void {
    this.#listeners = listeners;
    this.#on.fill(listeners);
  }

  #failed(listener: Listener, event: BusEvent, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#log.log(LogGroup.LIB, 1, `listener '${listener.name}' failed on ${event}: ${reason}`);
    if (error instanceof Error && error.stack !== undefined) this.#log.log(LogGroup.LIB, 2, error.stack);
  }
}

function implementing<E extends BusEvent>(listeners: readonly Listener[], event: E): Listeners<E> {
  return listeners.filter((listener): listener is Listeners<E>[number] => listener[event] !== undefined);
}
