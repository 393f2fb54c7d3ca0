import { EncryptionAlgorithm } from "@cygnet/wire";
import { Host, SystemError } from "@cygnet/plugin-api";
import type { IpsecProtocol, KernelMark, KernelSa, KernelSaId } from "@cygnet/plugin-api";
import { familyNumber } from "../netlink/addresses.js";
import { NLM_F_CREATE, NLM_F_EXCL } from "../netlink/constants.js";
import type { MessageReader } from "../netlink/message-reader.js";
import type { OwnTags } from "../leftovers/own-tags.js";
import type { MessageWriter } from "../netlink/message-writer.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import {
  IPPROTO_COMP,
  LIFETIME_CURRENT_BYTES,
  SA_ID_BYTES,
  SA_INFO_BYTES,
  SPI_INFO_BYTES,
  XfrmAttribute,
  XfrmMessage,
} from "./constants.js";
import { kernelRefusal, lacksProtocol, NO_PROTOCOL, saRefusal } from "./kernel-refusal.js";
import { kernelMode, kernelProtocol, protocolName } from "./numbers.js";
import {
  markOfSa,
  putAddress,
  putCompression,
  putCompressionId,
  putEncap,
  putSa,
  putSaAddresses,
  putSaId,
} from "./sa-request.js";
import type { CompressionId } from "./sa-request.js";

/** SPIs and CPIs to choose from, both ends included. */
export interface SpiRange {
  readonly min: number;
  readonly max: number;
}

/** CPIs that RFC 3173 leaves to negotiation, where 256 and more are. */
const CPIS: SpiRange = { min: 0x100, max: 0xefff };

/** What the kernel counts for an SA. Times are seconds since the epoch. */
export interface SaCounters {
  readonly bytes: number;
  readonly packets: number;
  /** 0 where the kernel does not tell. */
  readonly lastUsed: number;
  readonly reqid: number;
}

/** What `XfrmSas` is made of. */
export interface XfrmSasOptions {
  readonly requests: NetlinkRequests;
  readonly spis: SpiRange;
  /** Selectors of transport mode SAs have protocol and ports. */
  readonly protoPortTransport: boolean;
  readonly tags: OwnTags;
  /** Index of the interface whose card may encrypt the packets of an address; undefined where there is none. */
  readonly offloadInterface: (address: Host) => number | undefined;
}

/** SAs of the kernel, struct by struct. */
export class XfrmSas {
  readonly #options: XfrmSasOptions;
  readonly #requests: NetlinkRequests;
  /** Marks of SAs that have one, since the kernel finds them by it. */
  readonly #marks = new Map<string, KernelMark>();

  constructor(options: XfrmSasOptions) {
    this.#options = options;
    this.#requests = options.requests;
  }

  /** @throws {SystemError} CYG_KERNEL_XFRM, CYG_KERNEL_NO_PROTOCOL */
  allocateSpi(source: Host, destination: Host, protocol: IpsecProtocol): number {
    const name = protocolName(protocol);
    return this.#allocate(source, destination, kernelProtocol(protocol), this.#options.spis, () =>
      saRefusal(this.#requests, { message: "XFRM_MSG_ALLOCSPI", what: "unable to get SPI" }, name),
    );
  }

  /** @throws {SystemError} CYG_KERNEL_XFRM */
  allocateCpi(source: Host, destination: Host): number {
    return this.#allocate(source, destination, IPPROTO_COMP, CPIS, () =>
      kernelRefusal(this.#requests, { message: "XFRM_MSG_ALLOCSPI", what: "unable to get CPI" }),
    );
  }

  #allocate(source: Host, destination: Host, protocol: number, range: SpiRange, refused: () => Error): number {
    const writer = this.#requests.begin(XfrmMessage.ALLOCSPI, 0, SPI_INFO_BYTES);
    writer.bytes(56, destination.address);
    writer.u8(76, protocol);
    writer.bytes(80, source.address);
    writer.u16(212, familyNumber(destination.family));
    // The larval SA is a tunnel's until it is given its keys; whatever mode that has then.
    writer.u8(214, kernelMode("tunnel"));
    writer.u32(224, range.min);
    writer.u32(228, range.max);
    let spi = 0;
    this.#requests.run((answer) => {
      if (answer.type === (XfrmMessage.NEWSA as number)) spi = answer.be32(72);
    });
    if (this.#requests.refusal() !== undefined || spi === 0) throw refused();
    return spi;
  }

  /** With its IPComp SA. @throws {SystemError} CYG_KERNEL_XFRM, CYG_KERNEL_NO_PROTOCOL; {CygnetError} CYG_KERNEL_ALGORITHM */
  add(id: KernelSaId, sa: KernelSa): void {
    const { source, destination, cpi } = id;
    if (!cpi) return this.#add(id, sa);
    this.#addCompression({ source, destination, cpi }, sa);
    try {
      this.#add(id, sa);
    } catch (error) {
      this.deleteCompression({ source, destination, cpi }, markOfSa(sa));
      throw error;
    }
  }

  #addCompression(id: CompressionId, sa: KernelSa): void {
    const [type, flags] = sa.update ? [XfrmMessage.UPDSA, 0] : [XfrmMessage.NEWSA, NLM_F_CREATE | NLM_F_EXCL];
    const tag = this.#options.tags.sa(id.cpi, IPPROTO_COMP);
    putCompression(this.#requests.begin(type, flags, SA_INFO_BYTES), id, sa, tag);
    this.#requests.run();
    if (this.#requests.refusal() === undefined) return;
    const what = `unable to add SAD entry with CPI ${hex(id.cpi).slice(4)}`;
    throw saRefusal(this.#requests, { message: "XFRM_MSG_NEWSA", what }, "IPComp");
  }

  /** One that is gone is as good as deleted. @throws {SystemError} CYG_KERNEL_XFRM */
  deleteCompression(id: CompressionId, mark?: KernelMark): void {
    putCompressionId(this.#requests.begin(XfrmMessage.DELSA, 0, SA_ID_BYTES), id, mark);
    this.#requests.run();
    const refusal = this.#requests.refusal();
    if (refusal === undefined || refusal === "ESRCH") return;
    const what = `unable to delete SAD entry with CPI ${hex(id.cpi).slice(4)}`;
    throw kernelRefusal(this.#requests, { message: "XFRM_MSG_DELSA", what });
  }

  #add(id: KernelSaId, sa: KernelSa): void {
    const offloadInterface =
      sa.hwOffload && sa.hwOffload !== "no" ? this.#options.offloadInterface(sa.inbound ? id.destination : id.source) : undefined;
    this.#put(id, sa, offloadInterface);
    if (this.#requests.refusal() !== undefined && offloadInterface !== undefined && sa.hwOffload === "auto")
      this.#put(id, sa, undefined);
    const what = `unable to add SAD entry with SPI ${hex(id.spi)}`;
    if (sa.hwOffload === "yes" && offloadInterface === undefined)
      throw new SystemError("CYG_KERNEL_XFRM", "XFRM_MSG_NEWSA", "ENODEV", `${what}: no interface offloads it`);
    if (this.#requests.refusal() !== undefined)
      throw saRefusal(this.#requests, { message: "XFRM_MSG_NEWSA", what }, protocolName(id.protocol));
    const mark = markOfSa(sa);
    if (mark) this.#marks.set(keyOf(id), mark);
  }

  #put(id: KernelSaId, sa: KernelSa, offloadInterface: number | undefined): void {
    // One whose SPI was allocated is there already, without keys.
    const [type, flags] = sa.update ? [XfrmMessage.UPDSA, 0] : [XfrmMessage.NEWSA, NLM_F_CREATE | NLM_F_EXCL];
    const writer = this.#requests.begin(type, flags, SA_INFO_BYTES);
    try {
      putSa(writer, id, sa, {
        protoPortTransport: this.#options.protoPortTransport,
        offloadInterface,
        tag: this.#options.tags.sa(id.spi, kernelProtocol(id.protocol)),
      });
    } catch (error) {
      this.#requests.abandon();
      throw error;
    }
    this.#requests.run();
  }

  /**
   * Tries an SA that nothing uses. What else may be wrong with it is of no interest.
   * @throws {SystemError} CYG_KERNEL_NO_PROTOCOL where the kernel has no ESP
   */
  requireEsp(): void {
    const id: KernelSaId = { ...PROBE, spi: this.allocateSpi(PROBE.source, PROBE.destination, PROBE.protocol) };
    try {
      this.#put(id, PROBE_SA, undefined);
      if (this.#requests.refusal() === NO_PROTOCOL) throw lacksProtocol("XFRM_MSG_UPDSA", "ESP");
    } finally {
      this.delete(id);
    }
  }

  /** One that is gone already, because its lifetime is over, is as good as deleted. @throws {SystemError} CYG_KERNEL_XFRM */
  delete(id: KernelSaId): void {
    const key = this.#marks.size > 0 ? keyOf(id) : "";
    const mark = this.#marks.get(key);
    const { source, destination, cpi } = id;
    if (cpi) this.deleteCompression({ source, destination, cpi }, mark);
    putSaId(this.#requests.begin(XfrmMessage.DELSA, 0, SA_ID_BYTES), id, mark);
    this.#requests.run();
    this.#marks.delete(key);
    const refusal = this.#requests.refusal();
    if (refusal !== undefined && refusal !== "ESRCH") {
      throw kernelRefusal(this.#requests, {
        message: "XFRM_MSG_DELSA",
        what: `unable to delete SAD entry with SPI ${hex(id.spi)}`,
      });
    }
  }

  /** Undefined when the kernel does not have it (any more). @throws {SystemError} CYG_KERNEL_XFRM */
  query(id: KernelSaId): SaCounters | undefined {
    let counters: SaCounters | undefined;
    this.#get(id, (sa) => {
      const reqid = sa.u32(208);
      const [bytes, packets] = [sa.u64(160), sa.u64(168)];
      const lastUsed = sa.find(XfrmAttribute.LASTUSED, SA_INFO_BYTES) ? sa.u64(0) : 0;
      counters = { bytes, packets, lastUsed, reqid };
    });
    return counters;
  }

  /**
   * Moves an SA to other addresses or ports: it is made anew with its keys, counters and replay state, in one go. The kernel cannot change them.
   * @returns whether it could be done: not with an IPComp SA, or where the kernel does not tell the keys
   * @throws {SystemError} CYG_KERNEL_XFRM; the SA may be gone then
   */
  move(id: KernelSaId, source: Host, destination: Host, udpEncap: boolean): boolean {
    const copy = id.cpi ? undefined : this.#copy(id);
    if (!copy || !copy.hasKeys) return false;
    const mark = this.#marks.get(keyOf(id));
    putSaId(this.#requests.begin(XfrmMessage.DELSA, 0, SA_ID_BYTES), id, mark);
    const writer = this.#requests.begin(XfrmMessage.NEWSA, NLM_F_CREATE | NLM_F_EXCL, SA_INFO_BYTES);
    const moved = { ...id, source, destination };
    writer.bytes(0, copy.info);
    if (copy.info[214] !== kernelMode("tunnel")) moveSelector(writer, copy.info, id, moved);
    putSaAddresses(writer, moved);
    writer.u16(212, familyNumber(destination.family));
    for (const { type, value } of copy.attributes) writer.bytesAttribute(type, value);
    writer.bytesAttribute(XfrmAttribute.LTIME_VAL, copy.info.subarray(160, 160 + LIFETIME_CURRENT_BYTES));
    if (udpEncap) putEncap(writer, source.port, destination.port);
    this.#requests.run();
    for (const { value } of copy.attributes) value.fill(0);
    if (mark) {
      this.#marks.delete(keyOf(id));
      this.#marks.set(keyOf(moved), mark);
    }
    if (this.#requests.refusal(1) === undefined) return true;
    throw kernelRefusal(this.#requests, {
      message: "XFRM_MSG_NEWSA",
      what: `unable to update SAD entry with SPI ${hex(id.spi)}`,
      index: 1,
    });
  }

  #copy(id: KernelSaId): SaCopy | undefined {
    let copy: SaCopy | undefined;
    this.#get(id, (sa) => {
      const attributes: SaAttribute[] = [];
      let hasKeys = false;
      const info = sa.bytes(0, SA_INFO_BYTES);
      sa.attributes(SA_INFO_BYTES);
      for (let type = sa.nextAttribute(); type >= 0; type = sa.nextAttribute()) {
        if (!MOVED_ATTRIBUTES.has(type)) continue;
        const value = sa.bytes(0, sa.length);
        attributes.push({ type, value });
        // A kernel that is locked down gives keys of zeros.
        const isKey =
          type === (XfrmAttribute.ALG_CRYPT as number) ||
          type === (XfrmAttribute.ALG_AEAD as number) ||
          type === (XfrmAttribute.ALG_AUTH_TRUNC as number);
        if (isKey && value.subarray(72).some((octet) => octet !== 0)) hasKeys = true;
      }
      copy = { info, attributes, hasKeys };
    });
    return copy;
  }

  #get(id: KernelSaId, receive: (sa: MessageReader) => void): void {
    const mark = this.#marks.size > 0 ? this.#marks.get(keyOf(id)) : undefined;
    putSaId(this.#requests.begin(XfrmMessage.GETSA, 0, SA_ID_BYTES), id, mark);
    this.#requests.run((answer) => {
      if (answer.type === (XfrmMessage.NEWSA as number)) receive(answer);
    });
    const refusal = this.#requests.refusal();
    if (refusal !== undefined && refusal !== "ESRCH") {
      throw kernelRefusal(this.#requests, {
        message: "XFRM_MSG_GETSA",
        what: `unable to query SAD entry with SPI ${hex(id.spi)}`,
      });
    }
  }
}

const LOOPBACK = Host.of("127.0.0.1");
const PROBE = { source: LOOPBACK, destination: LOOPBACK, protocol: 3 } as const;
const NONE = new Uint8Array(0);
const NO_MARK: KernelMark = { value: 0, mask: 0 };

/** Without encryption, whose module need not be there. */
const PROBE_SA: KernelSa = {
  reqid: 0,
  mode: "transport",
  inbound: true,
  encryption: EncryptionAlgorithm.ENCR_NULL,
  encryptionKey: NONE,
  integrity: 0,
  integrityKey: NONE,
  lifetime: { rekeySeconds: 0, lifeSeconds: 0, rekeyBytes: 0, lifeBytes: 0, rekeyPackets: 0, lifePackets: 0 },
  esn: false,
  replayWindow: 0,
  udpEncap: false,
  markIn: NO_MARK,
  markOut: NO_MARK,
  localTs: [],
  remoteTs: [],
  update: true,
};

interface SaAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** All that is known of an SA. */
interface SaCopy {
  readonly info: Uint8Array;
  readonly attributes: readonly SaAttribute[];
  readonly hasKeys: boolean;
}

/** What an SA keeps when it moves; not its encapsulation, which is given anew, and not `ALG_AUTH`, which `ALG_AUTH_TRUNC` says better. */
const MOVED_ATTRIBUTES: ReadonlySet<number> = new Set([
  XfrmAttribute.ALG_CRYPT,
  XfrmAttribute.ALG_AEAD,
  XfrmAttribute.ALG_AUTH_TRUNC,
  XfrmAttribute.REPLAY_VAL,
  XfrmAttribute.REPLAY_ESN_VAL,
  XfrmAttribute.MARK,
  XfrmAttribute.TFCPAD,
  XfrmAttribute.SA_EXTRA_FLAGS,
  XfrmAttribute.OFFLOAD_DEV,
  XfrmAttribute.SET_MARK,
  XfrmAttribute.SET_MARK_MASK,
  XfrmAttribute.IF_ID,
]);

/** Struct xfrm_selector of an SA between hosts: addresses of theirs follow them. */
function moveSelector(writer: MessageWriter, info: Uint8Array, from: KernelSaId, to: KernelSaId): void {
  for (const [at, prefixAt, old, host] of [
    [0, 42, from.destination, to.destination],
    [16, 43, from.source, to.source],
  ] as const) {
    const isHost = info[prefixAt] === old.address.length * 8;
    if (!isHost || old.address.some((octet, i) => octet !== info[at + i])) continue;
    putAddress(writer, at, host);
    writer.u8(prefixAt, host.address.length * 8);
    writer.u16(40, familyNumber(host.family));
  }
}

const keyOf = ({ destination, spi, protocol }: KernelSaId): string => `${protocol} ${spi} ${destination}`;

const hex = (spi: number): string => spi.toString(16).padStart(8, "0");
