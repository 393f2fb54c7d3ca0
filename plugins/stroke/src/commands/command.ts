import type {
  AttributeManager,
  ConnectionStore,
  Controller,
  ControlCommands,
  CounterQuery,
  CredentialStore,
  DefinitionNotation,
  KernelManager,
  LoadedPlugin,
  Logger,
  RegisteredAlgorithm,
} from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CertificateFiles } from "../certificate-files.js";
import type { ListCache } from "../list-cache.js";
import type { CaSections } from "./ca.js";
import type { ConnectionRegistry } from "../definition/index.js";
import type { SystemName } from "../format/index.js";
import type { SecretsLoader } from "../secrets-loader.js";
import type { UserCredentials } from "./user-creds.js";

/** The plugin's options as commands need them. */
export interface CommandOptions {
  /** How long up and down wait, 0 for ever. */
  readonly timeoutMs: number;
  readonly allowSwap: boolean;
  readonly preventLoglevelChanges: boolean;
}

/** What commands work on. */
export interface CommandContext {
  readonly log: Logger;
  readonly options: CommandOptions;
  readonly controller: Controller;
  readonly connections: ConnectionStore;
  readonly credentials: CredentialStore;
  readonly attributes: AttributeManager;
  readonly kernel: KernelManager;
  readonly notation: DefinitionNotation;
  readonly system: SystemName;
  readonly registry: ConnectionRegistry;
  readonly secrets: SecretsLoader;
  readonly certificates: CertificateFiles;
  readonly userCredentials: UserCredentials;
  readonly caSections: CaSections;
  readonly listCache: ListCache;
  /** Undefined while no plugin counts. */
  counters(): CounterQuery | undefined;
  /** Of plugins; undefined in a daemon that knows of none. */
  pluginCommands(): ControlCommands | undefined;
  algorithms(): readonly RegisteredAlgorithm[];
  plugins(): readonly LoadedPlugin[];
  /** Aggressive mode with pre-shared keys is allowed. */
  isWeak(): boolean;
}

/** The way back to the client of one request. */
export interface Reply {
  /** False once the client is gone: what is only for its eyes need not be made any more. */
  readonly isOpen: boolean;
  /** Writes lines. Resolves when there is room for more, or when the client is gone. */
  write(lines: readonly string[]): Promise<void> | void;
  /** Writes lines that are one text, each with its end. */
  writeText(text: string): Promise<void> | void;
  /** Writes a line that occurs while something else is waited for. Left out, and counted, where the client does not keep up. */
  offer(line: string): void;
  /** Asks the operator. @returns undefined when there is no answer */
  ask(prompt: "Password:"): Promise<string | undefined>;
}

/** Carries out a request. What it throws is logged and ends the connection. */
export type Command<T extends StrokeMessageType> = (
  message: StrokeMessage<T>,
  context: CommandContext,
  reply: Reply,
) => Promise<void> | void;
