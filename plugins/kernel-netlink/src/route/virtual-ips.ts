import { SystemError } from "@cygnet/plugin-api";
import type { Host } from "@cygnet/plugin-api";
import { familyNumber } from "../netlink/addresses.js";
import { NLM_F_CREATE, NLM_F_EXCL } from "../netlink/constants.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import type { AddressNote, RunRecord } from "../leftovers/run-record.js";
import { ADDRESS_BYTES, IFA_ADDRESS, IFA_F_NODAD, IFA_LOCAL, RouteMessage } from "./constants.js";

/** An address that we have added to an interface. */
interface Installed {
  readonly interfaceIndex: number;
  readonly prefix: number;
  users: number;
}

/** Addresses that we add to interfaces. One that was there before is used as it is, and stays. */
export class VirtualIps {
  /** By address. */
  readonly #installed = new Map<string, Installed>();

  /** @param record where it is noted that an address is ours */
  constructor(
    private readonly requests: NetlinkRequests,
    private readonly record?: RunRecord,
  ) {}

  has(address: Host): boolean {
    return this.#installed.has(address.toString());
  }

  /** @throws {SystemError} CYG_KERNEL_ADDRESS */
  add(address: Host, prefix: number, interfaceIndex: number): void {
    const known = this.#installed.get(address.toString());
    if (known) {
      known.users++;
      return;
    }
    const { record } = this;
    const note = record && noteOf({ address, prefix, interfaceIndex }, record.shard);
    if (note) record.add(note);
    this.#put(RouteMessage.NEWADDR, NLM_F_CREATE | NLM_F_EXCL, { address, prefix, interfaceIndex });
    const refusal = this.requests.refusal();
    if (refusal !== undefined && note) record.delete(note);
    if (refusal === "EEXIST") return;
    if (refusal !== undefined) throw this.#refused("RTM_NEWADDR", `adding virtual IP ${address} failed`);
    this.#installed.set(address.toString(), { interfaceIndex, prefix, users: 1 });
  }

  /** Nothing happens to one that is not ours. @throws {SystemError} CYG_KERNEL_ADDRESS */
  delete(address: Host): void {
    const known = this.#installed.get(address.toString());
    if (!known || --known.users > 0) return;
    this.#installed.delete(address.toString());
    this.#put(RouteMessage.DELADDR, 0, { address, ...known });
    this.record?.delete(noteOf({ address, ...known }, this.record.shard));
    const refusal = this.requests.refusal();
    // Its interface may be gone, or somebody else has removed it.
    if (refusal !== undefined && refusal !== "EADDRNOTAVAIL" && refusal !== "ENODEV")
      throw this.#refused("RTM_DELADDR", `removing virtual IP ${address} failed`);
  }

  #put(type: RouteMessage, flags: number, what: VirtualIp): void {
    putVirtualIp(this.requests, type, flags, what);
    this.requests.run();
  }

  #refused(message: string, what: string): SystemError {
    const text = `${what}: received netlink error ${this.requests.refusalText()}`;
    return new SystemError("CYG_KERNEL_ADDRESS", message, this.requests.refusal() ?? "EIO", text);
  }
}

interface VirtualIp {
  readonly address: Host;
  readonly prefix: number;
  readonly interfaceIndex: number;
}

/** Writes an address of an interface. */
export function putVirtualIp(
  requests: NetlinkRequests,
  type: RouteMessage,
  flags: number,
  { address, prefix, interfaceIndex }: VirtualIp,
): void {
  const writer = requests.begin(type, flags, ADDRESS_BYTES);
  writer.u8(0, familyNumber(address.family));
  writer.u8(1, prefix);
  // It can be used at once.
  if (address.family === 6) writer.u8(2, IFA_F_NODAD);
  writer.u32(4, interfaceIndex);
  writer.bytesAttribute(IFA_LOCAL, address.address);
  if (address.family === 6) writer.bytesAttribute(IFA_ADDRESS, address.address);
}

const noteOf = ({ address, prefix, interfaceIndex }: VirtualIp, shard: number): AddressNote => ({
  kind: "address",
  address: address.withPort(0).toString(),
  prefix,
  interfaceIndex,
  shard,
});
