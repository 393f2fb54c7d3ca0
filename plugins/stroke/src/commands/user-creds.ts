import { LogGroup } from "@cygnet/plugin-api";
import type { AuthRound, CredentialStore, PeerDefinition } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext, Reply } from "./command.js";

/** Passwords given by `user-creds`, one credential set for each user name. */
export class UserCredentials {
  readonly #sets = new Set<string>();

  constructor(private readonly credentials: CredentialStore) {}

  /** @throws {DefinitionError} CYG_ID_SYNTAX for a user name that is no identity */
  async set(username: string, password: string): Promise<void> {
    const set = `stroke-user-creds:${username}`;
    const secret = new Uint8Array(Buffer.from(password, "utf8"));
    try {
      await this.credentials.replaceSecrets(set, [{ type: "EAP", owners: [username], secret }]);
      this.#sets.add(set);
    } finally {
      secret.fill(0);
    }
  }

  /** Forgets all of them. */
  async clear(): Promise<void> {
    for (const set of this.#sets) await this.credentials.removeSet(set);
    this.#sets.clear();
  }
}

/** `user-creds CONNECTION USER [PASSWORD]`: sets the name and password that we log in with by EAP or XAuth. */
export async function userCreds(
  { fields }: StrokeMessage<StrokeMessageType.USER_CREDS>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  const name = fields.name ?? "";
  const username = fields.username ?? "";
  const { log, registry, userCredentials } = context;
  const refuse = (text: string): Promise<void> | void => {
    log.log(LogGroup.CFG, 1, `  ${text}`);
    return reply.write([text]);
  };
  log.log(LogGroup.CFG, 1, `received stroke: user-creds '${name}'`);
  const peer = context.connections.list().find((each) => each.name === name);
  if (!peer) return refuse(`no config named '${name}'`);
  if (username === "" || username.startsWith("%any")) return refuse(`invalid username '${username}'`);
  const local = withUsername(peer, username);
  if (!local || !(await registry.setLocalRounds(name, local))) return refuse(`config '${name}' unsuitable for user credentials`);
  const kind = local.some((round) => round.auth === "eap") ? "EAP-Identity" : "XAuth username";
  log.log(LogGroup.CFG, 1, `  configured ${kind} ${username}`);
  const password = fields.password ?? (await reply.ask("Password:"));
  if (password === undefined) return;
  await userCredentials.set(username, password);
  log.log(LogGroup.CFG, 1, `  added EAP secret for ${username}`);
}

/** Our rounds with the name in those that log in. @returns undefined when none does */
function withUsername({ local }: PeerDefinition, username: string): AuthRound[] | undefined {
  const isLogin = (round: AuthRound): boolean => round.auth === "eap" || round.auth === "xauth";
  if (!local.some(isLogin)) return undefined;
  return local.map((round) => (isLogin(round) ? { ...round, eapIdentity: username } : round));
}
