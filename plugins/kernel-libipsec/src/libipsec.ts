import { createEspSa, EspAction } from "@cygnet/native";
import type { EspEndpoint, EspEngine, EspEvent, EspPolicy, EspSa } from "@cygnet/native";
import { Host, LogGroup } from "@cygnet/plugin-api";
import type {
  IkeSocket,
  IpsecProtocol,
  KernelEvents,
  KernelIpsec,
  KernelPolicy,
  KernelSa,
  KernelSaId,
  KernelSaUse,
  Logger,
  SteeringKey,
} from "@cygnet/plugin-api";
import { refusalOf, unsupported } from "./refusal.js";
import type { Spis } from "./spis.js";
import type { TunnelRoutes } from "./tunnel-routes.js";

const ESP = 3;

/** In which order policies are looked at. */
const RANKS: Readonly<Record<KernelPolicy["priority"], number>> = { pass: 0, default: 1, routed: 2, fallback: 3 };
const ACTIONS: Readonly<Record<KernelPolicy["type"], EspAction>> = {
  ipsec: EspAction.PROTECT,
  pass: EspAction.PASS,
  drop: EspAction.DROP,
};

export interface LibipsecParts {
  readonly log: Logger;
  readonly events: KernelEvents;
  readonly spis: Spis;
  /** Whether ESP goes by itself where no NAT is on the way. */
  readonly rawEsp: boolean;
  /** Of the sockets that IKE is received on; `{ shards: 1 }` where there is one for all. */
  readonly group: Pick<SteeringKey, "shards"> & Partial<SteeringKey>;
  /** The process's data path, as this thread has it. */
  readonly open: (listener: (event: EspEvent) => void) => EspEngine;
  /** Undefined where none are to be installed. */
  readonly routes: (device: string) => TunnelRoutes | undefined;
}

/** An SA that is in use. */
interface Installed {
  readonly sa: EspSa;
  readonly inbound: boolean;
}

/**
 * ESP in user space, in UDP unless raw ESP is wanted: strongSwan's libipsec. The threads of a daemon share a TUN device and a thread that carries packets; each has its own SAs
 * and policies there.
 */
export class Libipsec implements KernelIpsec {
  readonly requiresUdpEncap: boolean;
  readonly raisesExpires = true;
  readonly carriesTraffic = true;
  readonly #parts: LibipsecParts;
  readonly #engine: EspEngine;
  readonly #routes: TunnelRoutes | undefined;
  readonly #sas = new Map<string, Installed>();
  readonly #toldOf = new Set<string>();

  /** @throws {SystemError} CYG_KERNEL_LIBIPSEC without TUN devices, or the privilege to make one */
  constructor(parts: LibipsecParts) {
    this.#parts = parts;
    this.requiresUdpEncap = !parts.rawEsp;
    try {
      this.#engine = parts.open((event) => this.#hear(event));
    } catch (error) {
      throw refusalOf(error, "opening a TUN device");
    }
    parts.log.log(LogGroup.LIB, 1, `created TUN device: ${this.#engine.device}`);
    this.#routes = parts.routes(this.#engine.device);
  }

  /** Name of the TUN device. */
  get device(): string {
    return this.#engine.device;
  }

  getSpi(_source: Host, _destination: Host, protocol: IpsecProtocol): number {
    if (protocol !== ESP) throw unsupported("getSpi", "AH");
    const spi = this.#parts.spis.allocate();
    if (spi === undefined) throw unsupported("getSpi", "SPI left in the range of charon.spi_min and spi_max");
    return spi;
  }

  getCpi(): number {
    throw unsupported("getCpi", "IPComp");
  }

  releaseCpi(): void {}

  addSa(id: KernelSaId, sa: KernelSa): void {
    if (id.protocol !== ESP) throw unsupported("addSa", "AH");
    if (sa.mode !== "tunnel") throw unsupported("addSa", `${sa.mode} mode`);
    if (id.cpi) throw unsupported("addSa", "IPComp");
    if (sa.markIn.value !== 0 || sa.markOut.value !== 0) this.#tellOnce("marks of SAs");
    if (sa.setMark && sa.setMark.mask !== 0) this.#tellOnce("marks that packets get");
    if (sa.icmp) this.#tellOnce("exception for ICMP errors");
    const { lifetime } = sa;
    try {
      const esp = createEspSa({
        spi: id.spi,
        reqid: sa.reqid,
        inbound: sa.inbound,
        esn: sa.esn,
        replayWindow: sa.replayWindow,
        encryption: sa.encryption,
        encryptionKey: sa.encryptionKey,
        integrity: sa.integrity,
        integrityKey: sa.integrityKey,
        source: endpoint(id.source),
        destination: endpoint(id.destination),
        inUdp: this.requiresUdpEncap || sa.udpEncap,
        softBytes: lifetime.rekeyBytes,
        hardBytes: lifetime.lifeBytes,
        softPackets: lifetime.rekeyPackets,
        hardPackets: lifetime.lifePackets,
      });
      this.#engine.addSa(esp, { softMs: lifetime.rekeySeconds * 1000, hardMs: lifetime.lifeSeconds * 1000 });
      this.#sas.set(keyOf(id), { sa: esp, inbound: sa.inbound });
    } catch (error) {
      if (error instanceof RangeError) throw unsupported("addSa", algorithmsOf(sa));
      throw refusalOf(error, `adding an SA with SPI ${hex(id.spi)}`);
    }
  }

  updateSa(id: KernelSaId, source: Host, destination: Host, udpEncap: boolean): void | "unsupported" {
    const installed = this.#sas.get(keyOf(id));
    // Without raw ESP all of it is in UDP, which the peer expects only behind a NAT.
    if (!installed || (this.requiresUdpEncap && !udpEncap)) return "unsupported";
    this.#engine.moveSa(installed.sa, endpoint(source), endpoint(destination), udpEncap);
    this.#sas.delete(keyOf(id));
    this.#sas.set(keyOf({ ...id, destination }), installed);
  }

  querySa(id: KernelSaId): KernelSaUse | undefined {
    const installed = this.#sas.get(keyOf(id));
    if (!installed) return undefined;
    const { bytes, packets, lastUseMs } = installed.sa.use();
    return { bytes, packets, lastUseMs };
  }

  /** One that is gone already is as good as deleted. */
  deleteSa(id: KernelSaId): void {
    const key = keyOf(id);
    const installed = this.#sas.get(key);
    if (id.protocol === ESP) this.#parts.spis.release(id.spi);
    if (!installed) return;
    this.#sas.delete(key);
    this.#engine.removeSa(installed.sa);
  }

  addPolicy(policy: KernelPolicy): Promise<void> | void {
    if (policy.direction === "fwd") return;
    if (policy.mark.value !== 0) this.#tellOnce("marks of policies");
    if (policy.interfaceId) this.#tellOnce("XFRM interfaces");
    if (policy.networkInterface !== undefined) this.#tellOnce("interfaces of policies");
    if (policy.manualPriority) this.#tellOnce("priorities of policies: the narrowest selectors come first");
    if (policy.type === "pass") this.#tellOnce("pass policies: what is not routed into a tunnel passes by anyway");
    this.#engine.addPolicy(espPolicy(policy));
    if (policy.direction === "out" && policy.type !== "pass") return this.#routes?.add(policy);
  }

  deletePolicy(policy: KernelPolicy): Promise<void> | void {
    if (policy.direction === "fwd") return;
    this.#engine.removePolicy(espPolicy(policy));
    if (policy.direction === "out" && policy.type !== "pass") return this.#routes?.delete(policy);
  }

  /** ESP comes to the NAT-T port, and leaves from there; raw ESP has a socket of its own. */
  prepareSocket({ fd, family, natT }: IkeSocket): void {
    if (!natT) return;
    const { group, rawEsp } = this.#parts;
    this.#attempt("sharing the NAT-T port with ESP", () => this.#engine.joinPort(fd, family, group));
    if (rawEsp) this.#attempt("opening a raw socket for ESP", () => this.#engine.openRaw(fd, family));
  }

  #attempt(what: string, open: () => void): void {
    try {
      open();
    } catch (error) {
      this.#parts.log.log(LogGroup.KNL, 1, (refusalOf(error, what) as Error).message);
    }
  }

  close(): void {
    this.#engine.close();
  }

  #hear(event: EspEvent): void {
    const { events } = this.#parts;
    switch (event.kind) {
      case "soft-expiry":
      case "hard-expiry":
        return events.expire(ESP, event.spi, hostOf(event.destination), event.kind === "hard-expiry");
      case "mapping":
        return events.mapping(ESP, event.spi, hostOf(event.destination), hostOf(event.peer));
      case "acquire":
        return this.#acquire(event.reqid);
      default:
        event satisfies never;
    }
  }

  #acquire(reqid: number): void {
    const { log, events } = this.#parts;
    const text = `could not find an outbound IPsec SA for reqid {${reqid}}, dropping packet and triggering acquire`;
    log.log(LogGroup.ESP, 1, text);
    events.acquire(reqid);
  }

  /** What strongSwan's libipsec leaves out without a word as well. */
  #tellOnce(what: string): void {
    if (this.#toldOf.has(what)) return;
    this.#toldOf.add(what);
    this.#parts.log.log(LogGroup.KNL, 1, `kernel-libipsec has no ${what}`);
  }
}

function espPolicy({ direction, type, priority, source, destination, reqid, spi, tunnelDestination }: KernelPolicy): EspPolicy {
  return {
    inbound: direction === "in",
    action: ACTIONS[type],
    rank: RANKS[priority],
    source,
    destination,
    reqid,
    spi,
    tunnelDestination: endpoint(tunnelDestination),
  };
}

const endpoint = ({ address, port }: Host): EspEndpoint => ({ address, port });
const hostOf = ({ address, port }: EspEndpoint): Host => Host.fromOctets(address, port);

function algorithmsOf({ encryption, encryptionKey, integrity, integrityKey }: KernelSa): string {
  return `encryption ${encryption} with ${encryptionKey.length} octets of key and integrity ${integrity} with ${integrityKey.length}`;
}

const keyOf = ({ spi, destination }: Pick<KernelSaId, "spi" | "destination">): string => `${spi}/${destination}`;
const hex = (spi: number): string => spi.toString(16).padStart(8, "0");
