import type { Plugin } from "@cygnet/plugin-api";
import type { PluginSource } from "../plugin-host/plugin-source.js";

/** Plugins given by a test. A thunk is called at each look-up: it may throw, or return what is no plugin. */
export class MemoryPluginSource implements PluginSource {
  readonly #plugins = new Map<string, () => unknown>();

  constructor(plugins: readonly Plugin[] = [], others: Readonly<Record<string, () => unknown>> = {}) {
    for (const plugin of plugins) this.#plugins.set(plugin.name, () => plugin);
    for (const [name, thunk] of Object.entries(others)) this.#plugins.set(name, thunk);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async find({ name }: { readonly name: string }): Promise<{ readonly exported: unknown } | undefined> {
    const thunk = this.#plugins.get(name);
    return thunk && { exported: thunk() };
  }
}
