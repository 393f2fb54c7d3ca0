import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DefinitionError, LogGroup, PluginError } from "@cygnet/plugin-api";
import type { CredentialStore, KeyProvider, Logger } from "@cygnet/plugin-api";
import { BACKEND } from "../backend.js";
import type { LoadTesterOptions } from "../load-tester-options.js";
import { builtInAuthority } from "./built-in-authority.js";
import type { Authority } from "./built-in-authority.js";

/** What authorities are loaded with. */
export interface AuthorityServices {
  readonly credentials: CredentialStore;
  readonly keys: KeyProvider;
  readonly log: Logger;
}

/**
 * Loads the authority that issues certificates, the private key of everybody and further authorities into our set, which is the caller's to
 * remove.
 * @throws {PluginError} CYG_LOAD_TESTER_ISSUER where `issuer_cert` and `issuer_key` are unusable
 */
export async function loadAuthorities(options: LoadTesterOptions, services: AuthorityServices): Promise<void> {
  await loadIssuer(options, services);
  if (options.ca_dir !== undefined) await loadDirectory(options.ca_dir, services);
}

async function loadIssuer({ issuer_cert, issuer_key }: LoadTesterOptions, services: AuthorityServices): Promise<void> {
  const { credentials, keys } = services;
  if (issuer_cert === undefined && issuer_key === undefined) return addIssuer(await builtInAuthority(keys), credentials);
  if (issuer_cert === undefined || issuer_key === undefined)
    throw unusable("issuer_cert and issuer_key belong together: set both of them, or none for the built-in authority");
  const certificate = await read("issuer_cert", issuer_cert);
  const key = await read("issuer_key", issuer_key);
  if (keys.privateKey(key)?.isPssOnly)
    throw unusable(`issuer_key '${issuer_key}' is for RSASSA-PSS only, which certificates are not signed with here`);
  return addIssuer({ certificate, key }, credentials);
}

/** The key is wiped. */
async function addIssuer({ certificate, key }: Authority, credentials: CredentialStore): Promise<void> {
  try {
    const { publicKey } = await usable("issuer_cert", credentials.loadCertificate(BACKEND, certificate, { isTrusted: true }));
    const { keyId } = await usable("issuer_key", credentials.loadPrivateKey(BACKEND, key));
    if (keyId !== publicKey.keyId) throw unusable("issuer_key is not the key of issuer_cert");
  } finally {
    key.fill(0);
  }
}

/** What the core says of an option's file. */
async function usable<T>(option: string, loaded: Promise<T>): Promise<T> {
  try {
    return await loaded;
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw unusable(`${option} cannot be used: ${error.message}`);
  }
}

async function read(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unusable(`${option} '${path}' cannot be read: ${(error as Error).message}`);
  }
}

/** Files that are no certificates of authorities are passed over with a line. */
async function loadDirectory(folder: string, { credentials, log }: AuthorityServices): Promise<void> {
  const say = (message: string): void => log.log(LogGroup.CFG, 1, message);
  const names = await readdir(folder).catch((error: Error) =>
    say(`load-tester ca_dir '${folder}' cannot be read: ${error.message}`),
  );
  for (const name of (names ?? []).sort()) {
    const path = join(folder, name);
    try {
      await credentials.loadCertificate(BACKEND, await readFile(path), { isTrusted: true });
    } catch (error) {
      say(`loading load-tester CA certificate '${path}' failed: ${(error as Error).message}`);
    }
  }
}

const unusable = (reason: string): PluginError => new PluginError("CYG_LOAD_TESTER_ISSUER", BACKEND, reason);
