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
  KeyMaterial,
  Listener,
  Logger,
  MaybePromise,
  NarrowStage,
  TrafficRange,
} from "@cygnet/plugin-api";
import { PluginGuard } from "./plugin-host/plugin-guard.js";

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
  ikeKeyMaterial: Listeners<"ikeKeyMaterial"> = [];
  ikeKeys: Listeners<"ikeKeys"> = [];
  childKeyMaterial: Listeners<"childKeyMaterial"> = [];
  childKeys: Listeners<"childKeys"> = [];
  ikeUpdown: Listeners<"ikeUpdown"> = [];
  ikeRekey: Listeners<"ikeRekey"> = [];
  ikeReestablishPre: Listeners<"ikeReestablishPre"> = [];
  ikeReestablish: Listeners<"ikeReestablish"> = [];
  childrenMigrate: Listeners<"childrenMigrate"> = [];
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
    this.ikeKeyMaterial = implementing(listeners, "ikeKeyMaterial");
    this.ikeKeys = implementing(listeners, "ikeKeys");
    this.childKeyMaterial = implementing(listeners, "childKeyMaterial");
    this.childKeys = implementing(listeners, "childKeys");
    this.ikeUpdown = implementing(listeners, "ikeUpdown");
    this.ikeRekey = implementing(listeners, "ikeRekey");
    this.ikeReestablishPre = implementing(listeners, "ikeReestablishPre");
    this.ikeReestablish = implementing(listeners, "ikeReestablish");
    this.childrenMigrate = implementing(listeners, "childrenMigrate");
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
 * order. A listener that throws or keeps the thread is logged with its name, and neither the others nor the IKE_SA notice.
 *
 * A listener added or removed during an event takes part, or no longer does, from the next event on.
 */
export class EventBus implements Bus {
  readonly #guard: PluginGuard;
  readonly #on = new ListenerTable();
  #listeners: readonly Listener[] = [];

  /** @param guard what listeners are called by */
  constructor(log: Logger, guard = new PluginGuard({ log })) {
    this.#guard = guard;
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
    if (this.#on.alert.length > 0) this.#tell("alert", (listener) => listener.alert(ikeSa, alert));
  }

  ikeStateChange(ikeSa: IkeSaView, state: IkeSaState): void {
    if (this.#on.ikeStateChange.length > 0) this.#tell("ikeStateChange", (listener) => listener.ikeStateChange(ikeSa, state));
  }

  childStateChange(ikeSa: IkeSaView, childSa: ChildSaView, state: ChildSaState): void {
    if (this.#on.childStateChange.length > 0)
      this.#tell("childStateChange", (listener) => listener.childStateChange(ikeSa, childSa, state));
  }

  message(ikeSa: IkeSaView, message: BusMessage, incoming: boolean): void {
    if (this.#on.message.length > 0) this.#tell("message", (listener) => listener.message(ikeSa, message, incoming));
  }

  ikeKeyMaterial(ikeSa: IkeSaView, material: KeyMaterial, replaces: IkeSaView | undefined): void {
    if (this.#on.ikeKeyMaterial.length > 0)
      this.#tell("ikeKeyMaterial", (listener) => listener.ikeKeyMaterial(ikeSa, material, replaces));
  }

  ikeKeys(ikeSa: IkeSaView, keys: IkeKeys): void {
    if (this.#on.ikeKeys.length > 0) this.#tell("ikeKeys", (listener) => listener.ikeKeys(ikeSa, keys));
  }

  childKeyMaterial(ikeSa: IkeSaView, childSa: ChildSaView, isInitiator: boolean, material: KeyMaterial): void {
    if (this.#on.childKeyMaterial.length > 0)
      this.#tell("childKeyMaterial", (listener) => listener.childKeyMaterial(ikeSa, childSa, isInitiator, material));
  }

  childKeys(ikeSa: IkeSaView, childSa: ChildSaView, isInitiator: boolean, keys: ChildKeys): void {
    if (this.#on.childKeys.length > 0)
      this.#tell("childKeys", (listener) => listener.childKeys(ikeSa, childSa, isInitiator, keys));
  }

  ikeUpdown(ikeSa: IkeSaView, up: boolean): void {
    if (this.#on.ikeUpdown.length > 0) this.#tell("ikeUpdown", (listener) => listener.ikeUpdown(ikeSa, up));
  }

  ikeRekey(oldSa: IkeSaView, newSa: IkeSaView): void {
    if (this.#on.ikeRekey.length > 0) this.#tell("ikeRekey", (listener) => listener.ikeRekey(oldSa, newSa));
  }

  ikeReestablishPre(oldSa: IkeSaView, newSa: IkeSaView): void {
    if (this.#on.ikeReestablishPre.length > 0)
      this.#tell("ikeReestablishPre", (listener) => listener.ikeReestablishPre(oldSa, newSa));
  }

  ikeReestablish(oldSa: IkeSaView, newSa: IkeSaView, initiated: boolean): void {
    if (this.#on.ikeReestablish.length > 0)
      this.#tell("ikeReestablish", (listener) => listener.ikeReestablish(oldSa, newSa, initiated));
  }

  childrenMigrate(oldSa: IkeSaView, newSa: IkeSaView): void {
    if (this.#on.childrenMigrate.length > 0) this.#tell("childrenMigrate", (listener) => listener.childrenMigrate(oldSa, newSa));
  }

  ikeUpdate(ikeSa: IkeSaView, local: Host, remote: Host): void {
    if (this.#on.ikeUpdate.length > 0) this.#tell("ikeUpdate", (listener) => listener.ikeUpdate(ikeSa, local, remote));
  }

  childUpdown(ikeSa: IkeSaView, childSa: ChildSaView, up: boolean): void {
    if (this.#on.childUpdown.length > 0) this.#tell("childUpdown", (listener) => listener.childUpdown(ikeSa, childSa, up));
  }

  childRekey(ikeSa: IkeSaView, oldChild: ChildSaView, newChild: ChildSaView): void {
    if (this.#on.childRekey.length > 0) this.#tell("childRekey", (listener) => listener.childRekey(ikeSa, oldChild, newChild));
  }

  narrow(ikeSa: IkeSaView, childSa: ChildSaView, stage: NarrowStage, local: TrafficRange[], remote: TrafficRange[]): void {
    if (this.#on.narrow.length > 0) this.#tell("narrow", (listener) => listener.narrow(ikeSa, childSa, stage, local, remote));
  }

  assignVirtualIps(ikeSa: IkeSaView, assign: boolean): void {
    if (this.#on.assignVirtualIps.length > 0)
      this.#tell("assignVirtualIps", (listener) => listener.assignVirtualIps(ikeSa, assign));
  }

  handleVirtualIps(ikeSa: IkeSaView, handle: boolean): void {
    if (this.#on.handleVirtualIps.length > 0)
      this.#tell("handleVirtualIps", (listener) => listener.handleVirtualIps(ikeSa, handle));
  }

  attributes(ikeSa: IkeSaView, attributes: readonly Attribute[]): void {
    if (this.#on.attributes.length > 0) this.#tell("attributes", (listener) => listener.attributes(ikeSa, attributes));
  }

  /**
   * Asks all listeners in turn until one refuses. One that throws, rejects or does not answer refuses: authorization fails closed.
   * @returns at once unless a listener has to wait
   */
  authorize(ikeSa: IkeSaView, final: boolean): MaybePromise<boolean> {
    return this.#on.authorize.length === 0 || this.#authorizeFrom(this.#on.authorize, 0, ikeSa, final);
  }

  #authorizeFrom(listeners: Listeners<"authorize">, from: number, ikeSa: IkeSaView, final: boolean): MaybePromise<boolean> {
    for (let i = from; i < listeners.length; i++) {
      const listener = listeners[i];
      const call = { kind: "listener", name: listener.name, what: "authorize", otherwise: false };
      const granted = this.#guard.call(call, () => listener.authorize(ikeSa, final));
      if (granted instanceof Promise) {
        return granted.then((isGranted) => isGranted === true && this.#authorizeFrom(listeners, i + 1, ikeSa, final));
      }
      if (granted !== true) return false;
    }
    return true;
  }

  /** A listener that returns a promise is not waited for, but what becomes of it is told. */
  #tell<E extends BusEvent>(event: E, tell: (listener: Listeners<E>[number]) => unknown): void {
    for (const listener of this.#on[event] as unknown as Listeners<E>) this.#guard.notify("listener", listener, event, tell);
  }

  #change(listeners: readonly Listener[]): void {
    this.#listeners = listeners;
    this.#on.fill(listeners);
  }
}

function implementing<E extends BusEvent>(listeners: readonly Listener[], event: E): Listeners<E> {
  return listeners.filter((listener): listener is Listeners<E>[number] => listener[event] !== undefined);
}
