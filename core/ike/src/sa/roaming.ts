import { IkeSaState, JobPriority, LogGroup } from "@cygnet/plugin-api";
import type { Host, KernelNet, MaybePromise } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import { Condition } from "./ike-sa.js";
import type { IkeSa } from "./ike-sa.js";
import type { Path } from "./ikev2/nat-detection.js";
import { IkeAddressListTask } from "./ikev2/tasks/ike-address-list.js";
import { IkeMobikeUpdateTask } from "./ikev2/tasks/ike-mobike-update.js";

/** IKE_SAs that are looked at before others get their turn. */
const IKE_SAS_PER_TURN = 100;
/** Paths that are tried at once. */
const MAX_PATHS = 8;

/** What there is between this host and a peer. */
interface Prospect {
  /** Whether the path in use is to be kept. */
  readonly isKept: boolean;
  /** Others, the best first. */
  readonly paths: readonly Path[];
}

/**
 * What becomes of IKE_SAs when addresses or routes of this host change. Those that may be moved (RFC 4555) are, by who initiated them; others are set
 * up anew from another address.
 */
export class Roaming {
  #isUnderWay = false;
  /** What has changed since it began. */
  #again: { isAddress: boolean } | undefined;

  constructor(private readonly context: IkeContext) {}

  /** @param isAddress whether it was an address, not only a route */
  changed(isAddress: boolean): void {
    if (this.#isUnderWay) {
      this.#again = { isAddress: isAddress || this.#again?.isAddress === true };
      return;
    }
    this.#isUnderWay = true;
    this.#look(this.context.manager.ids(), 0, isAddress);
  }

  #look(ids: Uint32Array, from: number, isAddress: boolean): void {
    const execute = async (): Promise<void> => {
      const to = Math.min(ids.length, from + IKE_SAS_PER_TURN);
      try {
        for (let i = from; i < to; i++) await this.#consider(ids[i]!, isAddress);
      } finally {
        if (to < ids.length) this.#look(ids, to, isAddress);
        else this.#done();
      }
    };
    this.context.processor.queue({ name: "roam", priority: JobPriority.MEDIUM, execute });
  }

  #done(): void {
    const again = this.#again;
    this.#again = undefined;
    this.#isUnderWay = false;
    if (again) this.changed(again.isAddress);
  }

  async #consider(uniqueId: number, isAddress: boolean): Promise<void> {
    const { kernel, manager } = this.context;
    const seen = manager.peek(uniqueId);
    if (!kernel.net || !seen || !mayRoam(seen)) return;
    if (!seen.has(Condition.MOBIKE) && !(isAddress && seen.has(Condition.ORIGINAL_INITIATOR))) return;
    const prospect = await this.#prospect(kernel.net, seen);
    await manager.work(uniqueId, {
      run: (ikeSa) => {
        if (!mayRoam(ikeSa)) return;
        return ikeSa.has(Condition.MOBIKE) ? this.#move(ikeSa, prospect, isAddress) : this.#renew(ikeSa, prospect);
      },
    });
  }

  async #prospect(net: KernelNet, ikeSa: IkeSa): Promise<Prospect> {
    const { local, remote } = ikeSa;
    const isBest = this.context.options.prefer_best_path;
    const source = await net.sourceAddress(remote, isBest ? undefined : local);
    if (source?.sameAddress(local) === true && !ikeSa.has(Condition.STALE)) return { isKept: true, paths: [] };
    const paths: Path[] = [];
    for (const host of destinations(ikeSa)) {
      const from = await net.sourceAddress(host);
      if (from && paths.length < MAX_PATHS) paths.push({ local: from.withPort(local.port), remote: host.withPort(remote.port) });
    }
    return { isKept: false, paths };
  }

  #move(ikeSa: IkeSa, { isKept, paths }: Prospect, isAddress: boolean): MaybePromise<void> {
    const { context } = this;
    const { log } = context;
    if (isKept) {
      if (!isAddress) return context.options.check_current_path ? context.manager.upkeep.checkLiveness(ikeSa) : undefined;
      log.log(LogGroup.IKE, 1, "sending address list update using MOBIKE");
      ikeSa.tasks.queue(new IkeAddressListTask(context, ikeSa));
      return ikeSa.tasks.initiate();
    }
    const [path] = paths;
    if (!path) {
      log.log(LogGroup.IKE, 1, `no route found to reach ${ikeSa.remote}, MOBIKE update deferred`);
      ikeSa.set(Condition.STALE);
      return undefined;
    }
    const isOurs = ikeSa.has(Condition.ORIGINAL_INITIATOR);
    // What is under way takes it, too.
    ikeSa.local = path.local;
    if (isOurs) this.#request(ikeSa, paths);
    else {
      ikeSa.set(Condition.STALE, false);
      log.log(LogGroup.IKE, 1, "sending address list update using MOBIKE");
      ikeSa.tasks.queue(new IkeAddressListTask(context, ikeSa));
    }
    return ikeSa.tasks.initiate();
  }

  #request(ikeSa: IkeSa, paths: readonly Path[]): void {
    const { log } = this.context;
    log.log(LogGroup.IKE, 1, "old path is not available anymore, try to find another");
    log.log(LogGroup.IKE, 1, `looking for a route to ${ikeSa.remote} ...`);
    log.log(LogGroup.IKE, 1, "requesting address change using MOBIKE");
    ikeSa.remote = paths[0]!.remote;
    const { active, queued } = ikeSa.tasks;
    const isUpdate = (task: object): task is IkeMobikeUpdateTask => task instanceof IkeMobikeUpdateTask;
    const underWay = active.find(isUpdate) ?? queued.find(isUpdate);
    if (underWay) underWay.retarget(paths);
    else ikeSa.tasks.queue(new IkeMobikeUpdateTask(this.context, ikeSa, paths));
  }

  #renew(ikeSa: IkeSa, { isKept, paths }: Prospect): MaybePromise<void> {
    const [path] = paths;
    if (isKept || !path) return undefined;
    const { log, manager } = this.context;
    log.log(LogGroup.IKE, 1, "reauthenticating IKE_SA due to address change");
    ikeSa.local = path.local;
    return manager.upkeep.reauthenticate(ikeSa);
  }
}

const mayRoam = ({ state }: IkeSa): boolean => state === IkeSaState.ESTABLISHED || state === IkeSaState.REKEYING;

/** Where the peer may be, each address once. */
function destinations(ikeSa: IkeSa): Host[] {
  const hosts: Host[] = [ikeSa.remote];
  const configured = ikeSa.peerConfig?.ike.remoteHost();
  for (const host of [...(configured ? [configured] : []), ...ikeSa.peerAddresses])
    if (!host.isAny && !hosts.some((known) => known.sameAddress(host))) hosts.push(host);
  return hosts;
}
