import { ChildSaState, IkeSaState, LogGroup } from "@cygnet/plugin-api";
import type { Host, MaybePromise } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import type { ChildConfig } from "../config/index.js";
import type { ChildSa } from "./child-sa.js";
import { Condition } from "./ike-sa.js";
import type { IkeSa } from "./ike-sa.js";
import { followName, resolveNames } from "./addressing.js";
import { Handshake } from "./ikev2/handshake.js";
import { queueSetup } from "./ikev2/setup.js";
import { InitiateTasksJob } from "./jobs.js";

/** The peer does not answer any more: another try where the configuration wants it, and the end of this IKE_SA. */
export function peerIsGone(context: IkeContext, ikeSa: IkeSa): MaybePromise<void> {
  const { log, bus, manager } = context;
  const action: ActionOf = ({ config }) => config.dpdAction;
  switch (ikeSa.state) {
    case IkeSaState.CREATED:
    case IkeSaState.CONNECTING: {
      bus.alert(ikeSa, { alert: "peer-init-unreachable" });
      const tries = ikeSa.peerConfig?.keyingTries ?? 1;
      ikeSa.keyingTry++;
      if (ikeSa.isInitiator && (tries === 0 || ikeSa.keyingTry < tries)) {
        log.log(LogGroup.IKE, 1, `peer not responding, trying again (${ikeSa.keyingTry + 1}/${tries})`);
        return tryAgain(context, ikeSa);
      }
      log.log(LogGroup.IKE, 1, "establishing IKE_SA failed, peer not responding");
      break;
    }
    case IkeSaState.DELETING:
      log.log(LogGroup.IKE, 1, "proper IKE_SA delete failed, peer not responding");
      if (ikeSa.has(Condition.REAUTHENTICATING)) {
        log.log(LogGroup.IKE, 1, "delete during reauthentication failed, trying to reestablish IKE_SA anyway");
        setUpAnew(context, ikeSa);
      }
      break;
    case IkeSaState.REKEYING:
      log.log(LogGroup.IKE, 1, "rekeying IKE_SA failed, peer not responding");
      revive(context, ikeSa, action);
      break;
    default:
      revive(context, ikeSa, action);
  }
  manager.destroy(ikeSa);
}

/** The peer deletes the IKE_SA: what the configuration wants done then. */
export function closedByPeer(context: IkeContext, ikeSa: IkeSa): void {
  revive(context, ikeSa, ({ config }) => config.closeAction);
}

/** The IKE_SA is gone so that it can be authenticated again, with its CHILD_SAs if it has any. */
export function setUpAnew(context: IkeContext, ikeSa: IkeSa): void {
  restart(context, ikeSa, aliveChildren(ikeSa));
}

/**
 * A new IKE_SA with the peer, with CHILD_SAs like these. It begins when the work at hand is done.
 * @param path to the peer, where it is another one now
 */
export function setUpAgain(
  context: IkeContext,
  ikeSa: IkeSa,
  children: readonly ChildSa[],
  path: { readonly local: Host; readonly remote: Host } = ikeSa,
): IkeSa | undefined {
  const { manager, processor } = context;
  const fresh = ikeSa.peerConfig && manager.initiate(ikeSa.peerConfig, path.local, path.remote);
  if (!fresh) return undefined;
  if (ikeSa.localVirtualIps.length > 0) (fresh.handshake ??= new Handshake()).formerVirtualIps = ikeSa.localVirtualIps;
  const configs = children.map((child) => child.config);
  queueSetup(context, fresh, configs);
  context.bus.ikeReestablishPre(ikeSa, fresh);
  const begin = (): void => processor.queue(new InitiateTasksJob(manager, fresh.uniqueId));
  const resolving = resolveNames(context, fresh.peerConfig!.ike);
  if (!resolving) begin();
  else
    void resolving.then(() => {
      followName(fresh);
      begin();
    });
  return fresh;
}

/** What is done with a child whose CHILD_SA is gone. */
type ActionOf = (child: ChildSa) => ChildConfig["closeAction"];

function revive(context: IkeContext, ikeSa: IkeSa, actionOf: ActionOf): void {
  const alive = aliveChildren(ikeSa);
  for (const child of alive) if (actionOf(child) === "trap") context.control.installTrap(ikeSa.name, child.name);
  const children = alive.filter((child) => actionOf(child) === "start");
  if (children.length > 0) restart(context, ikeSa, children);
}

/** CHILD_SAs that were not replaced, and are not on their way out. */
const aliveChildren = ({ children }: IkeSa): ChildSa[] =>
  children.filter((child) => child.rekeyedById === 0 && child.state < ChildSaState.DELETING);

function restart(context: IkeContext, ikeSa: IkeSa, children: readonly ChildSa[]): void {
  for (const child of children) context.log.log(LogGroup.IKE, 1, `restarting CHILD_SA ${child.name}`);
  const fresh = setUpAgain(context, ikeSa, children);
  if (fresh) context.bus.ikeReestablish(ikeSa, fresh, true);
}

/** Queues the set-up of an IKE_SA that does not exist for the peer, with the CHILD_SAs that it was to have. */
export function startOver(context: IkeContext, ikeSa: IkeSa): void {
  const children = ikeSa.tasks.reset();
  ikeSa.forgetPeer();
  // An answer to the try before may still come.
  context.manager.renewSpi(ikeSa);
  queueSetup(context, ikeSa, []);
  for (const task of children) ikeSa.tasks.queue(task);
}

/** From the first message on, with nothing left of the try before. */
function tryAgain(context: IkeContext, ikeSa: IkeSa): MaybePromise<void> {
  const { ike } = ikeSa.peerConfig!;
  // It may have floated to the ports of NAT traversal.
  const ownPort = context.sockets.socket?.port(false) ?? 0;
  ikeSa.local = ikeSa.local.withPort(ike.localHost(ikeSa.local.family, ownPort).port);
  ikeSa.remote = ikeSa.remote.withPort(ike.remotePort);
  const redirectedFrom = ikeSa.handshake?.redirectedFrom;
  startOver(context, ikeSa);
  if (redirectedFrom) (ikeSa.handshake ??= new Handshake()).redirectedFrom = redirectedFrom;
  const resolving = resolveNames(context, ike);
  if (!resolving) return ikeSa.tasks.initiate();
  return context.manager.whenSettled(ikeSa, resolving, () => {
    followName(ikeSa);
    return ikeSa.tasks.initiate();
  });
}
