/** Measuring was ended from outside; whatever was being set up is taken down. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
    this.name = "Interrupted";
  }
}

/** Something that must not stay behind. */
export interface Resource {
  /** Ends it as it should be ended. */
  release(): Promise<void> | void;
  /** Ends it at once, without waiting for anything. */
  drop(): void;
}

/** All that a measurement has started, to be taken down in reverse order however it ends. */
export class Resources {
  readonly #held: Resource[] = [];
  #isClosed = false;
  #releasing: Promise<void> = Promise.resolve();

  /** @throws {Interrupted} when nothing may be started any more; the resource is dropped then */
  hold(resource: Resource): void {
    if (this.#isClosed) {
      resource.drop();
      throw new Interrupted();
    }
    this.#held.push(resource);
  }

  /** Takes all down, after what is being taken down already. One that cannot be is told when the others are. */
  release(): Promise<void> {
    const released = this.#releasing.then(() => this.#releaseAll());
    this.#releasing = released.catch(() => undefined);
    return released;
  }

  /** As `release`, and nothing can be started from now on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.release();
  }

  /** Takes all down at once, as the program is about to end. */
  drop(): void {
    this.#isClosed = true;
    for (const resource of this.#held.splice(0).reverse()) resource.drop();
  }

  async #releaseAll(): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    for (const resource of this.#held.splice(0).reverse()) {
      try {
        await resource.release();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  }
}
