import { JobPriority, LogGroup, SystemError } from "@cygnet/plugin-api";
import type { Host, TimerId } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import type { IkeSa } from "../sa/ike-sa.js";

/** How long a port stays open for a peer that did not get our answer to its DELETE: its retransmissions come after 4 and 11 seconds. */
const LINGER_MS = 30_000;

/**
 * The local ports of IKE_SAs beside the two of the socket, where it has such: each is in use as long as an IKE_SA sends from it.
 *
 * Kept apart from the IKE_SAs, of which but few have one.
 */
export class LocalPorts {
  /** By id of the IKE_SA. */
  readonly #used = new Map<number, Host>();
  /** Ports of IKE_SAs that are gone, by the timer that closes them, the oldest first. */
  readonly #lingering = new Map<TimerId, Host>();

  constructor(private readonly context: IkeContext) {}

  /** IKE_SAs that have such a port. */
  get size(): number {
    return this.#used.size;
  }

  /** Takes the port that an IKE_SA is to send from into use. @returns whether it can; if not, one line in the log says why */
  use(ikeSa: IkeSa): boolean {
    const { socket } = this.context.sockets;
    const { local } = ikeSa;
    if (socket === undefined || local.port === 0 || local.port === socket.port(false) || local.port === socket.port(true))
      return true;
    if (this.#used.has(ikeSa.uniqueId)) return true;
    if (socket.furtherPorts === undefined) {
      const remedy = "only a plugin such as socket-dynamic opens other ports than charon.port and charon.port_nat_t";
      return this.#refuse(`no socket found to send IPv${local.family} packets from port ${local.port}: ${remedy}`);
    }
    const error = this.#open(local) && this.#retry(local);
    if (error) return this.#refuse(error.message);
    this.#used.set(ikeSa.uniqueId, local);
    return true;
  }

  #refuse(reason: string): false {
    this.context.log.log(LogGroup.NET, 1, reason);
    return false;
  }

  /** The IKE_SA is gone. @param mayBeAsked the peer may ask once more for its last answer */
  release(ikeSa: IkeSa, mayBeAsked: boolean): void {
    const local = this.#used.get(ikeSa.uniqueId);
    if (local === undefined) return;
    this.#used.delete(ikeSa.uniqueId);
    if (!mayBeAsked) return this.#close(local);
    const execute = (): void => {
      this.#lingering.delete(timer);
      this.#close(local);
    };
    const timer = this.context.scheduler.schedule({ name: "close-port", priority: JobPriority.LOW, execute }, LINGER_MS);
    this.#lingering.set(timer, local);
  }

  #open({ family, port }: Host): SystemError | undefined {
    try {
      this.context.sockets.socket?.furtherPorts?.use(family, port);
      return undefined;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      return error;
    }
  }

  /** Once more, without what is open for the sake of peers that are slow. */
  #retry(local: Host): SystemError | undefined {
    for (const [timer, lingering] of this.#lingering) {
      this.context.scheduler.cancel(timer);
      this.#close(lingering);
    }
    this.#lingering.clear();
    return this.#open(local);
  }

  #close({ family, port }: Host): void {
    this.context.sockets.socket?.furtherPorts?.release(family, port);
  }
}
