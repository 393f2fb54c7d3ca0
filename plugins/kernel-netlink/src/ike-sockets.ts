import { System } from "@cygnet/native";
import { Host, LogGroup } from "@cygnet/plugin-api";
import type { IkeSocket, KernelPolicy, Logger, TrafficRange } from "@cygnet/plugin-api";
import { MessageWriter } from "./netlink/message-writer.js";
import { HEADER_BYTES } from "./netlink/constants.js";
import { ACTION_ALLOW, POLICY_INFO_BYTES, PolicyDirection, UDP_ENCAP_ESPINUDP } from "./xfrm/constants.js";
import { familyNumber } from "./netlink/addresses.js";

const SOL_IP = 0;
const SOL_UDP = 17;
const SOL_IPV6 = 41;
/** linux/in.h, linux/in6.h, linux/udp.h */
const IP_XFRM_POLICY = 17;
const IPV6_XFRM_POLICY = 35;
const UDP_ENCAP = 100;
const UDP = 17;

/** How sockets are kept out of our own policies. */
export interface IkeSocketsOptions {
  readonly log: Logger;
  /** By policies for their ports, in place of one on each socket. */
  readonly byPort: ((policy: KernelPolicy) => void) | undefined;
  readonly system?: Pick<System, "setSocketOption">;
}

/** Prepares the daemon's sockets: IKE is not for tunnels, and the kernel takes ESP out of UDP. */
export class IkeSockets {
  readonly #options: IkeSocketsOptions;
  readonly #system: Pick<System, "setSocketOption">;
  readonly #ports = new Set<string>();

  constructor(options: IkeSocketsOptions) {
    this.#options = options;
    this.#system = options.system ?? new System();
  }

  prepare(socket: IkeSocket): void {
    const { byPort } = this.#options;
    const { fd, family, port, natT } = socket;
    const where = `UDP socket on IPv${family} port ${port}`;
    this.#attempt(`installing IKE bypass policy for ${where}`, () => {
      if (byPort) return this.#bypassPort(socket, byPort);
      const [level, option] = family === 4 ? [SOL_IP, IP_XFRM_POLICY] : [SOL_IPV6, IPV6_XFRM_POLICY];
      for (const direction of [PolicyDirection.OUT, PolicyDirection.IN])
        this.#system.setSocketOption(fd, level, option, bypassPolicy(family, direction));
    });
    if (natT) {
      const value = new Uint8Array(Int32Array.of(UDP_ENCAP_ESPINUDP).buffer);
      this.#attempt(`enabling UDP decapsulation for ${where}`, () => this.#system.setSocketOption(fd, SOL_UDP, UDP_ENCAP, value));
    }
  }

  #bypassPort({ family, port }: IkeSocket, add: (policy: KernelPolicy) => void): void {
    const key = `${family} ${port}`;
    if (this.#ports.has(key)) return;
    this.#ports.add(key);
    const any = range(family, 0, 0xffff);
    const ours = range(family, port, port);
    const host = Host.any(family);
    add(portPolicy("in", any, ours, host));
    add(portPolicy("out", ours, any, host));
  }

  #attempt(doing: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.log.log(LogGroup.KNL, 1, `${doing} failed: ${(error as Error).message}`);
    }
  }
}

/** Struct xfrm_userpolicy_info of one that lets everything pass. */
function bypassPolicy(family: 4 | 6, direction: PolicyDirection): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + POLICY_INFO_BYTES);
  const writer = new MessageWriter(message);
  writer.begin({ type: 0, flags: 0, sequence: 0 }, POLICY_INFO_BYTES);
  writer.u16(40, familyNumber(family));
  writer.u8(160, direction);
  writer.u8(161, ACTION_ALLOW);
  return message.subarray(HEADER_BYTES);
}

function range(family: 4 | 6, startPort: number, endPort: number): TrafficRange {
  const octets = family === 4 ? 4 : 16;
  const [startAddress, endAddress] = [new Uint8Array(octets), new Uint8Array(octets).fill(0xff)];
  return { family, protocol: UDP, startPort, endPort, startAddress, endAddress };
}

function portPolicy(direction: "in" | "out", source: TrafficRange, destination: TrafficRange, host: Host): KernelPolicy {
  return {
    direction,
    source,
    destination,
    type: "pass",
    priority: "pass",
    reqid: 0,
    mode: "pass",
    protocol: 3,
    tunnelSource: host,
    tunnelDestination: host,
    spi: 0,
    mark: { value: 0, mask: 0 },
  };
}
