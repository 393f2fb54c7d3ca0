import type {
  AttributeManager,
  ConnectionStore,
  ControlCommands,
  Controller,
  CounterQuery,
  CredentialStore,
  DefinitionNotation,
  Logger,
  MaybePromise,
  RegisteredAlgorithm,
} from "@cygnet/plugin-api";
import type { MessageData, MessageWriter, Section } from "@cygnet/vici";
import { CommandFailed } from "../command-failed.js";
import type { ViciCertificates } from "../certificates.js";
import type { SharedKeys } from "../shared-keys.js";
import type { ViciConnections } from "../connections.js";
import type { ViciPools } from "../pools.js";
import type { ClientView } from "../server/vici-server.js";

/** The machine as `uname` names it. */
export interface SystemName {
  readonly type: string;
  readonly release: string;
  readonly machine: string;
}

export { CommandFailed };

/** What commands work on. */
export interface CommandContext {
  readonly log: Logger;
  readonly controller: Controller;
  /** Of all backends. */
  readonly connections: ConnectionStore;
  readonly attributes: AttributeManager;
  readonly notation: DefinitionNotation;
  readonly system: SystemName;
  /** What was loaded over this socket. */
  readonly loaded: ViciConnections;
  readonly pools: ViciPools;
  readonly sharedKeys: SharedKeys;
  readonly certificates: ViciCertificates;
  /** Of all sources. */
  readonly credentials: CredentialStore;
  /** Undefined while no plugin counts. */
  counters(): CounterQuery | undefined;
  /** Of plugins; undefined in a daemon that knows of none. */
  pluginCommands(): ControlCommands | undefined;
  algorithms(): readonly RegisteredAlgorithm[];
  /** How much may be in progress before an initiation that asks for limits is refused; 0 for no limit. */
  limits(): { readonly halfOpen: number; readonly jobLoad: number };
}

/** An answer as data; by a writer where names in it come from the configuration, whose order plain objects do not keep. */
export type Answer = MessageData | ((writer: MessageWriter) => void);

/** Carries out a request. @throws {CommandFailed} with what the client is told */
export type Command = (request: Section, context: CommandContext, client: ClientView) => MaybePromise<Answer>;

/** What commands that change something answer. */
export const DONE: Answer = { success: true };

/** A key that a command cannot do without. @throws {CommandFailed} */
export function required(request: Section, name: string, problem: string): string {
  const text = request.text(name);
  if (text === undefined) throw new CommandFailed(problem);
  return text;
}
