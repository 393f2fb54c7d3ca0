import {
  AttributeManager,
  ConnectionStore,
  CredentialStore,
  CryptoRegistry,
  DefinitionError,
  LogGroup,
} from "@cygnet/plugin-api";
import type { Logger, MaybePromise, PluginContext } from "@cygnet/plugin-api";
import { AddressRange } from "./address-range.js";
import { BACKEND } from "./backend.js";
import { loadAuthorities } from "./certificates/authorities.js";
import type { LoadTesterOptions } from "./load-tester-options.js";
import { DEFAULT_ESP, DEFAULT_PROPOSAL } from "./load-tester-options.js";
import { LOAD_TEST } from "./peer-generator.js";
import type { PeerGenerator } from "./peer-generator.js";

/**
 * Makes the daemon a peer for load tests: connection, keys, authorities and, where the option has addresses, the pool.
 * @returns the undo
 * @throws {DefinitionError} for options that are unusable @throws {PluginError} CYG_LOAD_TESTER_ISSUER; CYG_CERT_PROVIDER where certificates are
 *   needed and no plugin reads them
 */
export async function addResponder(
  generator: PeerGenerator,
  options: LoadTesterOptions,
  { log, resolve }: Pick<PluginContext, "log" | "resolve">,
): Promise<() => Promise<void>> {
  const credentials = resolve(CredentialStore);
  const connections = resolve(ConnectionStore);
  const secret = new TextEncoder().encode(options.preshared_key);
  await credentials.replaceSecrets(BACKEND, [{ type: "IKE", owners: [], secret }]);
  const removePool = addPool(options.pool, resolve);
  const undo = async (): Promise<void> => {
    await connections.remove(BACKEND, LOAD_TEST);
    await removePool();
    await credentials.removeSet(BACKEND);
  };
  try {
    if (generator.usesCertificates)
      await loadAuthorities(options, { credentials, log, keys: resolve(CryptoRegistry).keyProvider() });
    checkCounts(generator, log);
    await addConnection(connections, generator, log);
  } catch (error) {
    await undo();
    throw error;
  }
  return undo;
}

/** Tries the proposals of the options, and the defaults where the core does not take them. */
async function addConnection(connections: ConnectionStore, generator: PeerGenerator, log: Logger): Promise<void> {
  for (;;) {
    try {
      return await connections.add(BACKEND, generator.responder());
    } catch (error) {
      if (!(error instanceof DefinitionError) || error.code !== "CYG_CONFIG_PROPOSAL") throw error;
      const isEsp = error.where.includes(".children.");
      if ((isEsp ? generator.esp : generator.proposal) === (isEsp ? DEFAULT_ESP : DEFAULT_PROPOSAL)) throw error;
      useDefault(generator, isEsp ? "esp" : "proposal", log);
    }
  }
}

/** More than one proposal is as wrong as none. */
function checkCounts(generator: PeerGenerator, log: Logger): void {
  for (const key of ["proposal", "esp"] as const) if (generator[key].includes(",")) useDefault(generator, key, log);
}

function useDefault(generator: PeerGenerator, key: "proposal" | "esp", log: Logger): void {
  const replacement = key === "esp" ? DEFAULT_ESP : DEFAULT_PROPOSAL;
  log.log(LogGroup.CFG, 1, `load-tester ${key} '${generator[key]}' is not exactly one valid proposal, using '${replacement}'`);
  generator[key] = replacement;
}

/** A pool that the option states with its addresses is ours to make; a name is somebody else's. */
function addPool(pool: string | undefined, resolve: PluginContext["resolve"]): () => MaybePromise<unknown> {
  if (pool === undefined || AddressRange.parse(pool) === undefined) return () => undefined;
  const attributes = resolve(AttributeManager);
  attributes.addPool({ name: pool, addresses: pool, attributes: [] });
  return () => attributes.removePool(pool);
}
