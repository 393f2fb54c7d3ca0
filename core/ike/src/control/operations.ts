import { ChildSaState, IkeSaState } from "@cygnet/plugin-api";
import type { ChildSaView, IkeSaView, Listener, OperationResult } from "@cygnet/plugin-api";

/** What is waited for, on one IKE_SA. */
export type Awaited =
  | { readonly until: "ike-up" }
  | { readonly until: "child-up"; readonly name: string }
  | { readonly until: "ike-gone" }
  | { readonly until: "child-gone"; readonly childId: number };

interface Waiting {
  readonly awaited: Awaited;
  readonly conclude: (result: OperationResult) => void;
  readonly moved: (ikeSaId: number) => void;
}

/**
 * Tells when what a command asked for has come about, from the events of the bus. Only IKE_SAs that somebody waits for cost anything.
 */
export class Operations implements Listener {
  readonly name = "operations";
  readonly #waiting = new Map<number, Waiting[]>();

  /** @param moved is told when another IKE_SA takes the place of this one, and the wait goes on for that */
  wait(ikeSaId: number, awaited: Awaited, moved: (ikeSaId: number) => void = () => undefined): Promise<OperationResult> {
    return new Promise((conclude) => this.#add(ikeSaId, { awaited, conclude, moved }));
  }

  #add(ikeSaId: number, waiting: Waiting): void {
    const list = this.#waiting.get(ikeSaId);
    if (list) list.push(waiting);
    else this.#waiting.set(ikeSaId, [waiting]);
  }

  ikeRekey(oldSa: IkeSaView, newSa: IkeSaView): void {
    const list = this.#waiting.get(oldSa.uniqueId);
    if (!list) return;
    this.#waiting.delete(oldSa.uniqueId);
    for (const waiting of list) {
      this.#add(newSa.uniqueId, waiting);
      waiting.moved(newSa.uniqueId);
    }
  }

  ikeUpdown(ikeSa: IkeSaView, up: boolean): void {
    if (up) this.#conclude(ikeSa.uniqueId, (awaited) => (awaited.until === "ike-up" ? "done" : undefined));
  }

  childUpdown(ikeSa: IkeSaView, child: ChildSaView, up: boolean): void {
    if (up)
      this.#conclude(ikeSa.uniqueId, (awaited) =>
        awaited.until === "child-up" && awaited.name === child.name ? "done" : undefined,
      );
  }

  childStateChange(ikeSa: IkeSaView, child: ChildSaView, state: ChildSaState): void {
    if (state !== ChildSaState.DESTROYING && state !== ChildSaState.DELETED) return;
    this.#conclude(ikeSa.uniqueId, (awaited) => {
      if (awaited.until === "child-up")
        return awaited.name === child.name && state === ChildSaState.DESTROYING ? "failed" : undefined;
      return awaited.until === "child-gone" && awaited.childId === child.uniqueId ? "done" : undefined;
    });
  }

  ikeStateChange(ikeSa: IkeSaView, state: IkeSaState): void {
    if (state !== IkeSaState.DESTROYING) return;
    this.#conclude(ikeSa.uniqueId, (awaited) =>
      awaited.until === "ike-gone" || awaited.until === "child-gone" ? "done" : "failed",
    );
  }

  #conclude(ikeSaId: number, judge: (awaited: Awaited) => OperationResult | undefined): void {
    const list = this.#waiting.get(ikeSaId);
    if (!list) return;
    const rest = list.filter(({ awaited, conclude }) => {
      const result = judge(awaited);
      if (result !== undefined) conclude(result);
      return result === undefined;
    });
    if (rest.length > 0) this.#waiting.set(ikeSaId, rest);
    else this.#waiting.delete(ikeSaId);
  }
}
