import type { Host, IpsecProtocol } from "@cygnet/plugin-api";
import type { ChildSa } from "../sa/child-sa.js";

/** The CHILD_SAs in the kernel by the SPIs of both their SAs, to find the one that the kernel tells something of. */
export class ChildSpis {
  /** Peers choose the outbound SPIs, so that several may have the same. */
  readonly #children = new Map<number, ChildSa | ChildSa[]>();

  get size(): number {
    return this.#children.size;
  }

  add(spi: number, child: ChildSa): void {
    const known = this.#children.get(spi);
    if (known === undefined) this.#children.set(spi, child);
    else if (Array.isArray(known)) known.push(child);
    else this.#children.set(spi, [known, child]);
  }

  delete(spi: number, child: ChildSa): void {
    const known = this.#children.get(spi);
    if (known === child) this.#children.delete(spi);
    if (!Array.isArray(known)) return;
    const left = known.filter((other) => other !== child);
    this.#children.set(spi, left.length === 1 ? left[0]! : left);
  }

  /** The one whose SA with this destination has the SPI. */
  find(protocol: IpsecProtocol, spi: number, destination: Host): ChildSa | undefined {
    const known = this.#children.get(spi);
    if (known === undefined) return undefined;
    const isIt = (child: ChildSa): boolean => child.protocol === protocol && hasSa(child, spi, destination);
    if (Array.isArray(known)) return known.find(isIt);
    return isIt(known) ? known : undefined;
  }
}

function hasSa(child: ChildSa, spi: number, destination: Host): boolean {
  return (
    (child.spiIn === spi && child.local.sameAddress(destination)) ||
    (child.spiOut === spi && child.remote.sameAddress(destination))
  );
}
