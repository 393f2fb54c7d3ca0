import { LogGroup } from "@cygnet/plugin-api";
import type { ChildDefinition, OperationObserver, OperationResult, PeerDefinition } from "@cygnet/plugin-api";
import { encodeMessage } from "@cygnet/vici";
import type { Section } from "@cygnet/vici";
import { logText } from "../format/index.js";
import type { ClientView } from "../server/vici-server.js";
import { allConnections } from "./all-connections.js";
import { CommandFailed, DONE } from "./command.js";
import type { Command, CommandContext } from "./command.js";

const CONTROL_LOG = "control-log";
const DEFAULT_LEVEL = 1;

/** What a request is to initiate. */
interface Target {
  readonly peer: PeerDefinition;
  readonly child: ChildDefinition | undefined;
}

/** `initiate`: a CHILD_SA with its IKE_SA where there is none, or an IKE_SA alone. */
export const initiate: Command = async (request, context, client) => {
  const { peer, child } = find(request, context);
  const what = child ? `CHILD_SA '${child.name}'` : `IKE_SA '${peer.name}'`;
  if (request.flag("init-limits") === true) await checkLimits(what, context);
  const { timeoutMs, observer } = follow(request, client, peer.name);
  if (timeoutMs < 0) {
    await context.controller.initiate(peer, child);
    return DONE;
  }
  const result = await context.controller.initiate(peer, child, observer, timeoutMs);
  if (result === "done") return DONE;
  throw new CommandFailed(problem(result, what, timeoutMs));
};

function problem(result: Exclude<OperationResult, "done">, what: string, timeoutMs: number): string {
  return result === "failed" ? `establishing ${what} failed` : `${what} not established after ${timeoutMs}ms`;
}

function find(request: Section, context: CommandContext): Target {
  const [ike, childName] = [request.text("ike"), request.text("child")];
  if (ike === undefined && childName === undefined) throw new CommandFailed("missing configuration name");
  const peers = allConnections(context).filter((peer) => ike === undefined || peer.name === ike);
  if (childName === undefined) {
    const [peer] = peers;
    if (!peer) throw new CommandFailed(`IKE_SA config '${ike}' not found`);
    return { peer, child: undefined };
  }
  for (const peer of peers) {
    const child = peer.children.find(({ name }) => name === childName);
    if (child) return { peer, child };
  }
  throw new CommandFailed(`CHILD_SA config '${childName}' not found`);
}

/** `charon.init_limit_half_open` and `init_limit_job_load`, which initiations from here go past unless asked not to. */
async function checkLimits(what: string, { controller, limits }: CommandContext): Promise<void> {
  const { halfOpen: mostHalfOpen, jobLoad } = limits();
  if (mostHalfOpen === 0 && jobLoad === 0) return;
  const { halfOpen, processor } = await controller.status();
  const load = processor.queued.reduce((sum, queued) => sum + queued, 0);
  if ((mostHalfOpen > 0 && halfOpen >= mostHalfOpen) || (jobLoad > 0 && load >= jobLoad))
    throw new CommandFailed(`establishing ${what} not possible at the moment due to limits`);
}

/** How a request wants its operation followed. `timeoutMs` is 0 for ever, -1 not at all. */
export function follow(
  request: Section,
  client: ClientView,
  name: string,
): { readonly timeoutMs: number; readonly observer: OperationObserver } {
  const level = request.number("loglevel") ?? DEFAULT_LEVEL;
  let ikeSaId = 0;
  return {
    timeoutMs: Math.max(-1, request.number("timeout") ?? 0),
    observer: {
      // Lines that nobody gets are not made, either.
      level: client.wants(CONTROL_LOG) ? level : -1,
      started: (id) => void (ikeSaId = id),
      log: (group, lineLevel, msg) =>
        client.offer(
          CONTROL_LOG,
          encodeMessage({
            group: LogGroup[group],
            level: lineLevel,
            ...(ikeSaId > 0 && { "ikesa-name": name, "ikesa-uniqueid": ikeSaId }),
            msg: logText(msg),
          }),
        ),
    },
  };
}
