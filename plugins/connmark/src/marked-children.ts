import type { ChildSaView, Host, IkeSaView, Listener, TrafficRange } from "@cygnet/plugin-api";
import type { Iptables, Rule } from "./iptables.js";
import { rulesOf } from "./rules.js";

const ESP = 3;

/** Keeps rules for the CHILD_SAs of a shard that have marks and are in transport mode. */
export class MarkedChildren implements Listener {
  readonly name = "connmark";
  /** By unique id. */
  readonly #rules = new Map<number, readonly Rule[]>();

  constructor(private readonly iptables: Pick<Iptables, "add" | "remove">) {}

  childUpdown(ikeSa: IkeSaView, child: ChildSaView, up: boolean): void {
    if (up) this.#add(child, { local: ikeSa.local, remote: ikeSa.remote });
    else this.#remove(child.uniqueId);
  }

  childRekey(ikeSa: IkeSaView, oldChild: ChildSaView, newChild: ChildSaView): void {
    if (!this.#rules.has(oldChild.uniqueId)) return;
    this.#add(newChild, { local: ikeSa.local, remote: ikeSa.remote });
    this.#remove(oldChild.uniqueId);
  }

  /** Selectors that are one of the ends move with it. */
  ikeUpdate(ikeSa: IkeSaView, local: Host, remote: Host): void {
    for (const child of ikeSa.children) {
      if (!this.#rules.has(child.uniqueId)) continue;
      this.#remove(child.uniqueId);
      const localTs = child.localTs.map((range) => moved(range, ikeSa.local, local));
      const remoteTs = child.remoteTs.map((range) => moved(range, ikeSa.remote, remote));
      this.#put(child.uniqueId, rulesOf({ ...termsOf(child), localTs, remoteTs, local, remote }));
    }
  }

  /** Removes all rules. */
  clear(): void {
    for (const id of [...this.#rules.keys()]) this.#remove(id);
  }

  #add(child: ChildSaView, ends: { readonly local: Host; readonly remote: Host }): void {
    const isMarked = child.markIn.value !== 0 && child.markOut.value !== 0;
    if (!isMarked || child.mode !== "transport" || child.protocol !== ESP) return;
    this.#remove(child.uniqueId);
    this.#put(child.uniqueId, rulesOf({ ...termsOf(child), ...ends }));
  }

  #put(id: number, rules: readonly Rule[]): void {
    this.#rules.set(id, rules);
    this.iptables.add(rules);
  }

  #remove(id: number): void {
    const rules = this.#rules.get(id);
    if (!rules) return;
    this.#rules.delete(id);
    this.iptables.remove(rules);
  }
}

/** Copied, as marks are computed where they are asked for. */
const termsOf = ({ spiIn, reqid, udpEncap, markIn, markOut, localTs, remoteTs }: ChildSaView) => ({
  spiIn,
  reqid,
  udpEncap,
  markIn,
  markOut,
  localTs,
  remoteTs,
});

function moved(range: TrafficRange, from: Host, to: Host): TrafficRange {
  const { family, protocol, startPort, endPort, startAddress, endAddress } = range;
  const isEnd = Buffer.compare(startAddress, from.address) === 0 && Buffer.compare(endAddress, from.address) === 0;
  if (!isEnd) return range;
  return { family, protocol, startPort, endPort, startAddress: to.address, endAddress: to.address };
}
