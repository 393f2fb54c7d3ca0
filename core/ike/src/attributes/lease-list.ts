/** One address that was handed out, to whom, and where it stands while it is offline. */
export class PoolLease {
  online = true;
  /** Index among the offline leases of its identity. */
  place = -1;
  previous: PoolLease | undefined;
  next: PoolLease | undefined;
  /** Numbers of further IKE_SAs that have it: while one is authenticated anew, the old and the new one do. */
  #sharers: number[] | undefined;

  constructor(
    readonly offset: number,
    public identity: string,
    /** Number of the IKE_SA that got it, by which those of a shard that is gone are found. */
    public ikeSaId: number,
  ) {}

  /** Another IKE_SA of the identity has it as well. */
  share(ikeSaId: number): void {
    (this.#sharers ??= []).push(ikeSaId);
  }

  /** IKE_SAs that are gone have it no more. @returns whether there is one left that has */
  leave(isGone: (ikeSaId: number) => boolean): boolean {
    const left = [this.ikeSaId, ...(this.#sharers ?? [])].filter((ikeSaId) => !isGone(ikeSaId));
    if (left.length > 0) this.ikeSaId = left[0]!;
    this.#sharers = left.length > 1 ? left.slice(1) : undefined;
    return left.length > 0;
  }
}

/** Offline leases of a pool in the order in which they went offline. All operations take constant time. */
export class LeaseList {
  #first: PoolLease | undefined;
  #last: PoolLease | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The lease that is offline longest. */
  get first(): PoolLease | undefined {
    return this.#first;
  }

  append(lease: PoolLease): void {
    lease.previous = this.#last;
    lease.next = undefined;
    if (this.#last) this.#last.next = lease;
    else this.#first = lease;
    this.#last = lease;
    this.#length++;
  }

  /** The lease must be in this list. */
  remove(lease: PoolLease): void {
    if (lease.previous) lease.previous.next = lease.next;
    else this.#first = lease.next;
    if (lease.next) lease.next.previous = lease.previous;
    else this.#last = lease.previous;
    lease.previous = undefined;
    lease.next = undefined;
    this.#length--;
  }
}
