import "reflect-metadata";
import { PluginError } from "@cygnet/plugin-api";
import type { ServiceToken } from "@cygnet/plugin-api";
import { container as root } from "tsyringe";
import type { DependencyContainer } from "tsyringe";

/** What services of one thread of a daemon are registered in. */
export type Container = DependencyContainer;

/** A container of its own, so that two daemons in one process (tests, a load test) share nothing. */
export function createContainer(): Container {
  return root.createChildContainer();
}

/** Registers a service under the token of its contract. A later registration replaces it. */
export function provide<T>(container: Container, token: ServiceToken<T>, value: T): void {
  container.register<T>(token, { useValue: value });
}

/** Services by plugins, per container and token; the last one counts. */
const offered = new WeakMap<Container, Map<ServiceToken<unknown>, unknown[]>>();

/**
 * Registers a service that may go again, such as a plugin's. Until the undo, which may be called more than once, it replaces what is
 * registered under the token; several of them may be undone in any order.
 */
export function provideUntilUndone<T>(container: Container, token: ServiceToken<T>, value: T): () => void {
  const values = offeredValues(container, token);
  // Wrapped, as equal values may be offered twice.
  const entry = { value };
  values.push(entry);
  return () => {
    const at = values.indexOf(entry);
    if (at >= 0) values.splice(at, 1);
  };
}

/** tsyringe has no way to take a registration back, so one factory per token stays and gives what is current, or what was before. */
function offeredValues<T>(container: Container, token: ServiceToken<T>): { readonly value: T }[] {
  let tokens = offered.get(container);
  if (tokens === undefined) offered.set(container, (tokens = new Map()));
  const known = tokens.get(token) as { readonly value: T }[] | undefined;
  if (known !== undefined) return known;
  const values: { readonly value: T }[] = [];
  tokens.set(token, values);
  const before = container.isRegistered(token, true) ? { value: container.resolve<T>(token) } : undefined;
  container.register<T | undefined>(token as ServiceToken<T | undefined>, { useFactory: () => (values.at(-1) ?? before)?.value });
  return values;
}

/**
 * Resolves a service on behalf of a plugin.
 * @throws {PluginError} CYG_PLUGIN_SERVICE when nothing is registered under the token here
 */
export function resolveFor<T>(plugin: string, container: Container, token: ServiceToken<T>): T {
  const service = container.isRegistered(token, true)
    ? container.resolve<T | undefined>(token as ServiceToken<T | undefined>)
    : undefined;
  if (service === undefined) {
    throw new PluginError(
      "CYG_PLUGIN_SERVICE",
      plugin,
      `plugin '${plugin}' asks for ${tokenName(token)}, which is not available here`,
    );
  }
  return service;
}

/** `Bus` for the token of the contract of that name. */
function tokenName(token: ServiceToken<unknown>): string {
  if (typeof token === "symbol") return (token.description ?? "").replace(/^cygnet\./, "");
  return typeof token === "function" ? token.name : String(token);
}
