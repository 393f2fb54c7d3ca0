import { JobPriority, LogGroup } from "@cygnet/plugin-api";
import type { Host, MaybePromise } from "@cygnet/plugin-api";
import { bestQuality } from "../config/index.js";
import type { IkeConfig } from "../config/index.js";
import type { IkeContext } from "../ike-context.js";
import type { IkeSa } from "./ike-sa.js";

/**
 * Has the host names of a connection looked up, as each initiation does.
 * @returns undefined where there are none, and so nothing to wait for; never rejects
 */
export function resolveNames(context: IkeContext, ike: IkeConfig): Promise<unknown> | undefined {
  if (!ike.hasNames) return undefined;
  return Promise.all(
    Array.from(ike.names(), async (matcher) => matcher.resolve(await context.control.resolveHost(matcher.text))),
  );
}

/** Where to send from towards a peer: as configured, else what the kernel would choose. */
export function sourceHost({ sockets, kernel }: IkeContext, ike: IkeConfig, remote: Host): MaybePromise<Host> {
  const configured = ike.localHost(remote.family, sockets.socket?.port(false) ?? 0);
  if (!configured.isAny) return configured;
  const found = kernel.net?.sourceAddress(remote);
  if (found instanceof Promise) return found.then((host) => host?.withPort(configured.port) ?? configured);
  return found?.withPort(configured.port) ?? configured;
}

/** Sends the first message of an IKE_SA that has had no address to send it to, or tries again later. */
export function initiateResolved(context: IkeContext, ikeSa: IkeSa): MaybePromise<void> {
  const { log, scheduler, manager, options } = context;
  const { ike } = ikeSa.peerConfig!;
  const remote = ike.remoteHost();
  if (!remote) {
    const seconds = options.retry_initiate_interval;
    log.log(LogGroup.IKE, 1, `unable to resolve ${ike.remoteText}, retrying in ${seconds}s`);
    const execute = (): void => retryInitiate(context, ikeSa);
    scheduler.schedule({ name: "retry-initiate", priority: JobPriority.HIGH, execute }, seconds * 1000);
    return;
  }
  const go = (local: Host): MaybePromise<void> => {
    ikeSa.local = local;
    ikeSa.remote = remote;
    if (!manager.localPorts.use(ikeSa)) return manager.destroy(ikeSa);
    return ikeSa.tasks.initiate();
  };
  const local = sourceHost(context, ike, remote);
  return local instanceof Promise ? manager.whenSettled(ikeSa, local, go) : go(local);
}

/** Neither the job slot nor the IKE_SA is held while the names are looked up: that may take its time, and it may be given up meanwhile. */
function retryInitiate(context: IkeContext, ikeSa: IkeSa): void {
  const again = (): unknown => context.manager.work(ikeSa.uniqueId, { run: (sa) => initiateResolved(context, sa) });
  void resolveNames(context, ikeSa.peerConfig!.ike)?.then(again);
}

/** The peer's name stands for other addresses now: one of those, in the family that we send from. Not where the peer itself has sent us elsewhere. */
export function followName(ikeSa: IkeSa): void {
  if (ikeSa.handshake?.redirectedFrom) return;
  const { ike } = ikeSa.peerConfig!;
  if (!ike.isPeerNamed || bestQuality(ike.remote, ikeSa.remote) > 0) return;
  const remote = ike.remoteHost(ikeSa.local.family);
  if (remote) ikeSa.remote = remote.withPort(ikeSa.remote.port);
}
