import type { MaybePromise, Undo } from "@cygnet/plugin-api";
import { InternalError } from "@cygnet/plugin-api";

/** What is done about the topics of plugins, on one side of a link. */
export class Topics<Args extends readonly unknown[]> {
  readonly #handlers = new Map<string, (...args: Args) => unknown>();

  /** @throws {InternalError} for a topic that is taken */
  add(topic: string, handler: (...args: Args) => unknown): Undo {
    if (this.#handlers.has(topic)) throw new InternalError(`there are two features for the topic '${topic}'`);
    this.#handlers.set(topic, handler);
    return () => void this.#handlers.delete(topic);
  }

  has(topic: string): boolean {
    return this.#handlers.has(topic);
  }

  /** @throws {InternalError} for a topic that nobody has, and what the handler throws */
  call(topic: string, ...args: Args): MaybePromise<unknown> {
    const handler = this.#handlers.get(topic);
    if (!handler) throw new InternalError(`no feature answers '${topic}'`);
    return handler(...args);
  }
}
