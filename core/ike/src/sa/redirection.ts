import { LogGroup } from "@cygnet/plugin-api";
import type { Host, MaybePromise } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import { sourceHost } from "./addressing.js";
import { Handshake } from "./ikev2/handshake.js";
import type { IkeSa } from "./ike-sa.js";
import { setUpAgain, startOver } from "./revival.js";

/** So many in so much time are a loop, RFC 5685 section 9 leaves the numbers open. */
const MAX_REDIRECTS = 5;
const LOOP_MS = 300_000;

/** The way to a gateway that we were sent to. */
export interface NewPath {
  readonly local: Host;
  readonly remote: Host;
}

/** Follows redirects, as long as they do not go round in circles. */
export class Redirections {
  /** When those of each connection were followed, in milliseconds of the shard's clock. */
  readonly #followed = new Map<string, number[]>();

  constructor(private readonly context: IkeContext) {}

  /**
   * Whether an IKE_SA may go to a gateway, and how it gets there.
   * @param conclude gets the way, undefined where it cannot or must not; says why in the log
   */
  pathTo<R>(ikeSa: IkeSa, gateway: Host | string, conclude: (path: NewPath | undefined) => MaybePromise<R>): MaybePromise<R> {
    const { log, control, manager } = this.context;
    log.log(LogGroup.IKE, 1, `redirected to ${gateway.toString()}`);
    if (!this.#mayFollow(ikeSa.name)) return conclude(undefined);
    if (typeof gateway !== "string") return this.#pathToHost(ikeSa, gateway, conclude);
    const found = Promise.resolve(control.resolveHost(gateway));
    return manager.whenSettled(ikeSa, found, (hosts) => {
      const host = hosts.find(({ family }) => family === ikeSa.remote.family) ?? hosts[0];
      if (host) return this.#pathToHost(ikeSa, host, conclude);
      log.log(LogGroup.IKE, 1, `unable to resolve gateway ID '${gateway}', redirect failed`);
      return conclude(undefined);
    });
  }

  /** An IKE_SA that is up goes to another gateway: a new one is set up there, with CHILD_SAs like these, and this one goes once it is. */
  moveOn(ikeSa: IkeSa, gateway: Host | string): MaybePromise<void> {
    return this.pathTo(ikeSa, gateway, (path) => {
      if (!path) return;
      const fresh = setUpAgain(this.context, ikeSa, ikeSa.children, path);
      if (!fresh) return;
      fresh.reauthenticatesId = ikeSa.uniqueId;
      (fresh.handshake ??= new Handshake()).redirectedFrom = ikeSa.remote;
    });
  }

  /**
   * The gateway of an IKE_SA that is being set up has authenticated itself, and sends us to another one with IKE_AUTH (RFC 5685 section 6): it is told
   * to delete what it has of us, and the IKE_SA is set up from the beginning there. Once only, as that IKE_SA is no more afterwards; a gateway that misses it
   * deletes it by itself.
   * @returns whether it goes there
   */
  beginElsewhere(ikeSa: IkeSa, gateway: Host | string): MaybePromise<boolean> {
    return this.pathTo(ikeSa, gateway, (path) => {
      const { remote, handshake } = ikeSa;
      ikeSa.tasks.sayFarewell(undefined, true);
      if (!path) return false;
      const formerVirtualIps = handshake!.formerVirtualIps;
      [ikeSa.local, ikeSa.remote] = [path.local, path.remote];
      startOver(this.context, ikeSa);
      ikeSa.handshake = new Handshake();
      ikeSa.handshake.redirectedFrom = remote;
      ikeSa.handshake.formerVirtualIps = formerVirtualIps;
      return true;
    });
  }

  #mayFollow(connection: string): boolean {
    const { clock, log, options } = this.context;
    if (!options.follow_redirects) {
      log.log(LogGroup.IKE, 1, "server sent REDIRECT even though we disabled it");
      return false;
    }
    const recent = (this.#followed.get(connection) ?? []).filter((at) => at > clock.nowMs - LOOP_MS);
    if (recent.length >= MAX_REDIRECTS) {
      log.log(LogGroup.IKE, 1, `only ${MAX_REDIRECTS} redirects are allowed within ${LOOP_MS / 1000} seconds`);
      return false;
    }
    this.#followed.set(connection, [...recent, clock.nowMs]);
    return true;
  }

  #pathToHost<R>(ikeSa: IkeSa, host: Host, conclude: (path: NewPath | undefined) => MaybePromise<R>): MaybePromise<R> {
    const { ike } = ikeSa.peerConfig!;
    const remote = host.withPort(ike.remotePort);
    const local = sourceHost(this.context, ike, remote);
    if (!(local instanceof Promise)) return conclude({ local, remote });
    return this.context.manager.whenSettled(ikeSa, local, (found) => conclude({ local: found, remote }));
  }
}
