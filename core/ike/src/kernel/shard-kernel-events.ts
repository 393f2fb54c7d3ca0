import { JobPriority, LogGroup } from "@cygnet/plugin-api";
import type { Host, IpsecProtocol, KernelEvents, TrafficRange } from "@cygnet/plugin-api";
import { spiText } from "@cygnet/wire";
import { TrafficSelector } from "../config/index.js";
import type { IkeContext } from "../ike-context.js";
import type { ChildSa } from "../sa/child-sa.js";
import { Condition } from "../sa/ike-sa.js";
import type { IkeSa } from "../sa/ike-sa.js";
import { ChildSaJob } from "../sa/jobs.js";
import { Roaming } from "../sa/roaming.js";

/** What is done with a packet that met a trap. */
export type AcquireHandler = (reqid: number, source?: TrafficSelector, destination?: TrafficSelector) => void;

/**
 * What the kernel tells a shard. It tells all of them, so that what is of no SA or trap of this one is ignored; the rest becomes a job, which takes
 * its turn among the messages.
 */
export class ShardKernelEvents implements KernelEvents {
  readonly #roaming: Roaming;

  constructor(
    private readonly context: IkeContext,
    private readonly acquired: AcquireHandler,
  ) {
    this.#roaming = new Roaming(context);
  }

  acquire(reqid: number, source?: TrafficRange, destination?: TrafficRange): void {
    this.acquired(reqid, source && TrafficSelector.of(source), destination && TrafficSelector.of(destination));
  }

  /** A limit of an SA is reached: the CHILD_SA is rekeyed, or closed. */
  expire(protocol: IpsecProtocol, spi: number, destination: Host, hard: boolean): void {
    const { log, manager, processor } = this.context;
    const child = this.#find(protocol, spi, destination);
    if (!child) return;
    const name = `${protocol === 2 ? "AH" : "ESP"}/0x${spiText(spi)}/${destination}`;
    log.log(LogGroup.KNL, 1, `creating ${hard ? "delete" : "rekey"} job for CHILD_SA ${name}`);
    processor.queue(new ChildSaJob(manager, child.uniqueId, hard ? "hard" : "soft"));
  }

  /** A NAT in front of the peer has given it another address or port. Who is behind a NAT itself does not follow (RFC 7296 section 2.23). */
  mapping(protocol: IpsecProtocol, spi: number, destination: Host, remote: Host): void {
    const { log, manager, processor } = this.context;
    const child = this.#find(protocol, spi, destination);
    if (child?.spiIn !== spi) return;
    const { ikeSa } = child;
    if (!ikeSa.has(Condition.NAT_THERE) || ikeSa.has(Condition.NAT_HERE)) return;
    log.log(
      LogGroup.KNL,
      1,
      `NAT mappings of CHILD_SA ${child.label} with SPI ${spiText(spi)} changed to ${remote.toStringWithPort()}, queuing update job`,
    );
    const execute = () => manager.work(ikeSa.uniqueId, { run: (sa) => manager.upkeep.moved(sa, { local: sa.local, remote }) });
    processor.queue({ name: "update-sa", priority: JobPriority.MEDIUM, execute });
  }

  /** The kernel's SAs are at new addresses: the IKE_SA follows, with its ports. */
  migrate(protocol: IpsecProtocol, spi: number, destination: Host, local: Host, remote: Host): void {
    const { log, manager, processor } = this.context;
    const child = this.#find(protocol, spi, destination);
    if (!child) return;
    log.log(LogGroup.KNL, 1, `creating migrate job for CHILD_SA ${child.label} to ${local}...${remote}`);
    const { uniqueId } = child.ikeSa;
    const run = (sa: IkeSa): void =>
      manager.upkeep.moved(sa, { local: local.withPort(sa.local.port), remote: remote.withPort(sa.remote.port) });
    processor.queue({ name: "migrate", priority: JobPriority.MEDIUM, execute: () => manager.work(uniqueId, { run }) });
  }

  /** The CHILD_SA whose SA with this destination has the SPI, to be looked at. */
  #find(protocol: IpsecProtocol, spi: number, destination: Host): ChildSa | undefined {
    const { kernel, manager } = this.context;
    for (const childId of kernel.spis.of(spi)) {
      const ikeSaId = manager.ikeSaOfChild(childId);
      const child = ikeSaId === undefined ? undefined : manager.peek(ikeSaId)?.childById(childId);
      if (child?.protocol === protocol && hasSa(child, spi, destination)) return child;
    }
    return undefined;
  }

  roam(addressChanged: boolean): void {
    this.#roaming.changed(addressChanged);
  }
}

function hasSa(child: ChildSa, spi: number, destination: Host): boolean {
  return (
    (child.spiIn === spi && child.local.sameAddress(destination)) ||
    (child.spiOut === spi && child.remote.sameAddress(destination))
  );
}
