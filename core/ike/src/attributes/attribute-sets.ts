import type { Attribute, AttributeSet } from "@cygnet/plugin-api";

interface Known {
  readonly source: string;
  readonly set: AttributeSet;
}

/** Attributes that are known before a peer asks, on control and as a copy on each shard. */
export class AttributeSets {
  readonly #forAll: Known[] = [];
  readonly #byConnection = new Map<string, Known[]>();
  /** Of each source, the connection that its set is for. */
  readonly #connections = new Map<string, string | undefined>();

  /** @param set replaces what the source had, in its place where it is for the same peers; undefined for none */
  set(source: string, set: AttributeSet | undefined): void {
    if (this.#connections.has(source)) {
      const connection = this.#connections.get(source);
      const list = this.#listOf(connection);
      const at = list.findIndex((known) => known.source === source);
      if (set && set.connection === connection) {
        list[at] = { source, set };
        return;
      }
      list.splice(at, 1);
      if (connection !== undefined && list.length === 0) this.#byConnection.delete(connection);
      this.#connections.delete(source);
    }
    if (!set) return;
    this.#connections.set(source, set.connection);
    this.#listOf(set.connection).push({ source, set });
  }

  /** Adds to `out` what a peer of a connection gets. */
  serve(connection: string, hasVirtualIp: boolean, out: Attribute[]): void {
    serveFrom(this.#forAll, hasVirtualIp, out);
    const own = this.#byConnection.get(connection);
    if (own) serveFrom(own, hasVirtualIp, out);
  }

  /** All sets with their sources; one that takes them over in this order serves the same. */
  *all(): Iterable<readonly [source: string, set: AttributeSet]> {
    for (const { source, set } of this.#forAll) yield [source, set];
    for (const list of this.#byConnection.values()) for (const { source, set } of list) yield [source, set];
  }

  #listOf(connection: string | undefined): Known[] {
    if (connection === undefined) return this.#forAll;
    let list = this.#byConnection.get(connection);
    if (!list) this.#byConnection.set(connection, (list = []));
    return list;
  }
}

function serveFrom(list: readonly Known[], hasVirtualIp: boolean, out: Attribute[]): void {
  for (const { set } of list) if (hasVirtualIp || set.withVirtualIp !== true) for (const each of set.attributes) out.push(each);
}
