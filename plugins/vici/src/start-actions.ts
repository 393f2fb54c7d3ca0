import { ChildSaState, LogGroup } from "@cygnet/plugin-api";
import type { ChildDefinition, ConnectionStore, Controller, IkeSaStatus, Logger, PeerDefinition } from "@cygnet/plugin-api";

/** What start actions work on. */
export interface StartActionsParts {
  readonly controller: Controller;
  readonly connections: ConnectionStore;
  readonly log: Logger;
}

/** What `start_action` wants done when a child is loaded, and undone when it is unloaded. */
export class StartActions {
  readonly #parts: StartActionsParts;

  constructor(parts: StartActionsParts) {
    this.#parts = parts;
  }

  /** Traps and shunts are installed when it resolves; an initiation is only begun. */
  async run(peer: PeerDefinition, child: ChildDefinition): Promise<void> {
    const { controller, log } = this.#parts;
    const stored = this.#stored(peer);
    if (child.startAction.includes("trap")) {
      log.log(LogGroup.CFG, 1, `vici installing '${child.name}'`);
      // That it fails has been told in the log.
      await controller.install(stored, childOf(stored, child));
    }
    if (!child.startAction.includes("start")) return;
    log.log(LogGroup.CFG, 1, `vici initiating '${child.name}'`);
    controller.initiate(stored, childOf(stored, child)).catch((error: unknown) => {
      log.log(LogGroup.CFG, 1, `initiating '${child.name}' failed: ${String(error)}`);
    });
  }

  /**
   * Takes out the traps and shunts of children, and begins to close their CHILD_SAs.
   * @param keepsIke the connection goes on with other children; if it does not, an IKE_SA without any other CHILD_SA goes as well
   */
  async clear(peer: PeerDefinition, children: readonly ChildDefinition[], keepsIke: boolean): Promise<void> {
    const { controller, log } = this.#parts;
    for (const { name } of children.filter(({ startAction }) => startAction.includes("trap"))) {
      log.log(LogGroup.CFG, 1, `vici uninstalling '${name}'`);
      await controller.uninstall(name);
    }
    const started = new Set(children.filter(({ startAction }) => startAction.includes("start")).map(({ name }) => name));
    if (started.size === 0) return;
    // All are found before the first is closed.
    const ends: (() => Promise<unknown>)[] = [];
    for await (const piece of controller.ikeSas({ ikeName: peer.name }, false))
      for (const ikeSa of piece) ends.push(...this.#ends(ikeSa, started, keepsIke));
    for (const end of ends) await end();
  }

  #ends({ name, uniqueId, children }: IkeSaStatus, started: ReadonlySet<string>, keepsIke: boolean): (() => Promise<unknown>)[] {
    const { controller, log } = this.#parts;
    const alive = children.filter(({ state }) => state < ChildSaState.DELETING);
    const own = alive.filter((child) => started.has(child.name));
    if (own.length === alive.length && !keepsIke) {
      return [
        () => {
          log.log(LogGroup.CFG, 1, `vici closing IKE_SA '${name}' #${uniqueId}`);
          return controller.terminateIke(uniqueId);
        },
      ];
    }
    return own.map((child) => () => {
      log.log(LogGroup.CFG, 1, `vici closing CHILD_SA '${child.name}' #${child.uniqueId}`);
      return controller.terminateChild(child.uniqueId);
    });
  }

  /** As the store has it, which the shards know by name. */
  #stored(peer: PeerDefinition): PeerDefinition {
    return this.#parts.connections.list().find((each) => each.name === peer.name) ?? peer;
  }
}

const childOf = (peer: PeerDefinition, child: ChildDefinition): ChildDefinition =>
  peer.children.find(({ name }) => name === child.name) ?? child;
