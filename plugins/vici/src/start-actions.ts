import { ChildSaState, LogGroup } from "@cygnet/plugin-api";
import type { ChildDefinition, ConnectionStore, Controller, Logger, PeerDefinition } from "@cygnet/plugin-api";

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
      log.log(LogGroup.CFG, 1, `installing '${child.name}'`);
      // That it fails has been told in the log.
      await controller.install(stored, childOf(stored, child));
    }
    if (!child.startAction.includes("start")) return;
    log.log(LogGroup.CFG, 1, `initiating '${child.name}'`);
    controller.initiate(stored, childOf(stored, child)).catch((error: unknown) => {
      log.log(LogGroup.CFG, 1, `initiating '${child.name}' failed: ${String(error)}`);
    });
  }

  /** Takes out the trap or shunt, and begins to close the CHILD_SAs; an IKE_SA that has no other goes with its last one. */
  async clear(peer: PeerDefinition, child: ChildDefinition): Promise<void> {
    const { controller, log } = this.#parts;
    if (child.startAction.includes("trap")) {
      log.log(LogGroup.CFG, 1, `uninstalling '${child.name}'`);
      await controller.uninstall(child.name);
    }
    if (!child.startAction.includes("start")) return;
    const ends: (() => Promise<unknown>)[] = [];
    for await (const piece of controller.ikeSas({ ikeName: peer.name }, false)) {
      for (const { uniqueId, children } of piece) {
        const alive = children.filter(({ state }) => state < ChildSaState.DELETING);
        const own = alive.filter(({ name }) => name === child.name);
        if (own.length === 0 && alive.length > 0) continue;
        if (own.length === alive.length) {
          log.log(LogGroup.CFG, 1, `closing IKE_SA #${uniqueId}`);
          ends.push(() => controller.terminateIke(uniqueId));
          continue;
        }
        for (const { uniqueId: childId } of own) {
          log.log(LogGroup.CFG, 1, `closing CHILD_SA #${childId}`);
          ends.push(() => controller.terminateChild(childId));
        }
      }
    }
    for (const end of ends) await end();
  }

  /** As the store has it, which the shards know by name. */
  #stored(peer: PeerDefinition): PeerDefinition {
    return this.#parts.connections.list().find((each) => each.name === peer.name) ?? peer;
  }
}

const childOf = (peer: PeerDefinition, child: ChildDefinition): ChildDefinition =>
  peer.children.find(({ name }) => name === child.name) ?? child;
