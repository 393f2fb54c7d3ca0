/** Remembers what plugins registered with services and have not undone. */
export class UndoLedger {
  readonly #open = new Map<symbol, string>();

  /** Registrations that were not undone, as `Bus.addListener`, in order. */
  get open(): readonly string[] {
    return [...this.#open.values()];
  }

  /** The service with each undo that one of its methods returns, at once or by a promise, entered here until it is called. */
  track<S extends object>(name: string, service: S): S {
    return new Proxy(service, {
      get: (target, property) => {
        // Getters and methods see the service itself: a proxy has no private fields.
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          const result: unknown = Reflect.apply(value, target, args);
          const what = `${name}.${String(property)}`;
          if (result instanceof Promise) return result.then((settled: unknown) => this.#enter(what, settled));
          return this.#enter(what, result);
        };
      },
    });
  }

  #enter(what: string, result: unknown): unknown {
    if (typeof result !== "function") return result;
    const key = Symbol(what);
    this.#open.set(key, what);
    return (...args: unknown[]): unknown => {
      this.#open.delete(key);
      return Reflect.apply(result, undefined, args);
    };
  }
}
