import type { ChildSaStatus, IkeSaStatus, OperationResult } from "@cygnet/plugin-api";
import { ChildSaState } from "@cygnet/plugin-api";
import type { Section } from "@cygnet/vici";
import type { ClientView } from "../server/vici-server.js";
import { CommandFailed } from "./command.js";
import type { Command, CommandContext } from "./command.js";
import { follow } from "./initiate.js";
import { selectorOf } from "./list-sas.js";
import { readSaChoice } from "./sa-choice.js";
import type { SaChoice } from "./sa-choice.js";

/** An SA that was found, by unique id. */
interface Found {
  readonly kind: "ike" | "child";
  readonly id: number;
  readonly ikeName: string;
}

/** `terminate`: closes all SAs that match, one after the other. */
export const terminate: Command = async (request, context, client) => {
  const choice = readSaChoice(request);
  if (choice.isEmpty) throw new CommandFailed("missing terminate selector");
  const found = await matching(choice, context, () => true);
  let terminated = 0;
  for (const each of found) if ((await close(each, request, context, client)) === "done") terminated++;
  const answer = { matches: found.length, terminated };
  if (found.length === 0) throw new CommandFailed("no matching SAs to terminate found", answer);
  if (terminated < found.length)
    throw new CommandFailed(found.length === 1 ? "terminating SA failed" : "not all matching SAs could be terminated", answer);
  return { success: true, ...answer };
};

/** `rekey`, or reauthentication: starts it and does not wait. */
export const rekey: Command = async (request, context) => {
  const choice = readSaChoice(request);
  if (choice.isEmpty) throw new CommandFailed("missing rekey selector");
  const reauth = request.flag("reauth") === true;
  const found = await matching(
    choice,
    context,
    ({ state }) => state === ChildSaState.INSTALLED || state === ChildSaState.REKEYING,
  );
  const { controller } = context;
  for (const { kind, id } of found) await (kind === "child" ? controller.rekeyChild(id) : controller.rekeyIke(id, reauth));
  if (found.length === 0) throw new CommandFailed("no matching SAs to rekey found", { matches: 0 });
  return { success: true, matches: found.length };
};

async function close(
  { kind, id, ikeName }: Found,
  request: Section,
  { controller }: CommandContext,
  client: ClientView,
): Promise<OperationResult> {
  const { timeoutMs, observer } = follow(request, client, ikeName);
  const force = kind === "ike" && request.flag("force") === true;
  if (kind === "child") return timeoutMs < 0 ? controller.terminateChild(id) : controller.terminateChild(id, observer, timeoutMs);
  if (timeoutMs < 0) return controller.terminateIke(id, undefined, 0, force);
  // With a timeout the peer has so long to answer before force is used.
  const result = await controller.terminateIke(id, observer, timeoutMs, force && timeoutMs === 0);
  return result === "timeout" && force ? controller.terminateIke(id, observer, 0, true) : result;
}

/** CHILD_SAs where one is named, IKE_SAs otherwise. */
async function matching(
  choice: SaChoice,
  { controller }: CommandContext,
  isFit: (child: ChildSaStatus) => boolean,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const piece of controller.ikeSas(selectorOf(choice), false)) {
    for (const ikeSa of piece) {
      if (choice.isByChild)
        found.push(...ikeSa.children.filter((child) => choice.isChild(child) && isFit(child)).map(foundIn(ikeSa)));
      else found.push({ kind: "ike", id: ikeSa.uniqueId, ikeName: ikeSa.name });
    }
  }
  return found;
}

const foundIn =
  ({ name }: IkeSaStatus) =>
  ({ uniqueId }: ChildSaStatus): Found => ({ kind: "child", id: uniqueId, ikeName: name });
