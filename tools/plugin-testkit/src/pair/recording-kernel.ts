import type { Host, KernelIpsec, KernelPolicy, KernelSa, KernelSaId, KernelSaUse, MaybePromise } from "@cygnet/plugin-api";
import type { TimerSource } from "@cygnet/runtime";

const name = ({ spi, destination }: { readonly spi: number; readonly destination: Host }): string =>
  `${destination}/${spi.toString(16)}`;
const policyName = ({ direction, source, destination }: KernelPolicy): string =>
  `${direction} ${String(source)} ${String(destination)}`;

/** A kernel that remembers what is installed, and answers at once unless `delayMs` is set. */
export class RecordingKernel implements KernelIpsec {
  requiresUdpEncap = false;
  raisesExpires = false;
  carriesTraffic = false;
  /** Whether SAs can be given other addresses. */
  movesSas = true;
  /** Both SAs of each CHILD_SA, as `destination/spi`. */
  readonly sas = new Set<string>();
  /** What was installed last, by SPI. */
  readonly installed = new Map<number, KernelSa>();
  /** SPIs that were allocated and have no SA yet. */
  readonly allocated = new Set<string>();
  /** Which policies there are, and how often. */
  readonly policies = new Map<string, number>();
  /** Deletions of what was not there. */
  readonly missing: string[] = [];
  use: KernelSaUse | undefined;
  /** The next `addSa`, all of `addPolicy`, or all of `getSpi`, fail with this. */
  failNext: Error | undefined;
  failPolicy: Error | undefined;
  failSpi: Error | undefined;
  failCpi: Error | undefined;
  /** CPIs that were allocated, and not given back or deleted with their SA. */
  readonly cpis = new Set<number>();
  #cpi = 0x100;
  /** Milliseconds until an answer comes. */
  delayMs = 0;
  /** Told of each that is added. */
  onPolicy: ((policy: KernelPolicy) => void) | undefined;
  readonly #latest = new Map<KernelPolicy["direction"], KernelPolicy>();
  #spi: number;

  constructor(
    private readonly timers: TimerSource,
    firstSpi = 0xc000_0000,
  ) {
    this.#spi = firstSpi;
  }

  getSpi(_source: Host, destination: Host): MaybePromise<number> {
    if (this.failSpi) throw this.failSpi;
    const spi = ++this.#spi;
    this.allocated.add(name({ spi, destination }));
    return this.#answer(() => spi);
  }

  getCpi(): number {
    if (this.failCpi) throw this.failCpi;
    const cpi = ++this.#cpi;
    this.cpis.add(cpi);
    return cpi;
  }

  releaseCpi(_source: Host, _destination: Host, cpi: number): void {
    if (!this.cpis.delete(cpi)) this.missing.push(`release CPI ${cpi}`);
  }

  addSa(id: KernelSaId, sa: KernelSa): MaybePromise<void> {
    const error = this.failNext;
    this.failNext = undefined;
    return this.#answer(() => {
      if (error) throw error;
      if (sa.update) this.allocated.delete(name(id));
      this.sas.add(name(id));
      this.installed.set(id.spi, { ...sa, encryptionKey: sa.encryptionKey.slice(), integrityKey: sa.integrityKey.slice() });
    });
  }

  updateSa(id: KernelSaId, _source: Host, destination: Host): void | "unsupported" {
    if (!this.movesSas) return "unsupported";
    if (!this.sas.delete(name(id))) this.missing.push(`update ${name(id)}`);
    this.sas.add(name({ spi: id.spi, destination }));
  }

  querySa(): KernelSaUse | undefined {
    return this.use;
  }

  deleteSa(id: KernelSaId): MaybePromise<void> {
    if (id.cpi) this.cpis.delete(id.cpi);
    const isKnown = this.allocated.delete(name(id));
    if (!this.sas.delete(name(id)) && !isKnown) this.missing.push(`delete ${name(id)}`);
    return this.#answer(() => undefined);
  }

  addPolicy(policy: KernelPolicy): MaybePromise<void> {
    const error = this.failPolicy;
    if (error) {
      return this.#answer(() => {
        throw error;
      });
    }
    this.policies.set(policyName(policy), (this.policies.get(policyName(policy)) ?? 0) + 1);
    this.#latest.set(policy.direction, policy);
    this.onPolicy?.(policy);
  }

  /** Of the SA that the policy of a direction which was added last names. */
  spiFor(direction: KernelPolicy["direction"]): number | undefined {
    return this.#latest.get(direction)?.spi;
  }

  deletePolicy(policy: KernelPolicy): void {
    const count = this.policies.get(policyName(policy));
    if (!count) this.missing.push(`delete policy ${policyName(policy)}`);
    else if (count === 1) this.policies.delete(policyName(policy));
    else this.policies.set(policyName(policy), count - 1);
  }

  #answer<T>(make: () => T): MaybePromise<T> {
    if (this.delayMs === 0) return make();
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        try {
          resolve(make());
        } catch (error) {
          reject(error as Error);
        }
      };
      this.timers.timer(answer).arm(this.delayMs);
    });
  }
}
