import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { NativeError, UdpSocket } from "@cygnet/native";
import type { NativeUdpSocketConstructor } from "@cygnet/native";
import { Endpoint } from "./endpoint.js";
import type { SocketConfig } from "./socket-config.js";

/** Both sockets of one address family. */
export interface EndpointPair {
  readonly ike: Endpoint;
  readonly nat: Endpoint;
}

/** The open sockets; a family that is off or not there is undefined. */
export interface Endpoints {
  readonly ipv4: EndpointPair | undefined;
  readonly ipv6: EndpointPair | undefined;
}

type Family = 4 | 6;

/**
 * Wished receive buffer. Against a burst of IKE_SA_INITs: at some 1,300 octets of kernel memory per datagram it holds about 6,000, more
 * than half a second of one busy thread's work. The system's default of 208 KiB holds 160.
 */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** A random port that is free for one family may be taken for the other. */
const RANDOM_ATTEMPTS = 16;
/** What the kernel says where IPv4 or IPv6 is compiled out or switched off. */
const NO_FAMILY = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL", "EPROTONOSUPPORT"]);

/**
 * Opens the sockets, for both families on the same ports. Leaves nothing open when it fails.
 *
 * A family that the host lacks is left out with one line in the log, as long as the other is there.
 *
 * @throws {SystemError} CYG_SOCKET_IN_USE, CYG_SOCKET_PRIVILEGE, CYG_SOCKET_OPEN, CYG_SOCKET_NONE
 */
export function openEndpoints(config: SocketConfig, log: Logger, Native?: NativeUdpSocketConstructor): Endpoints {
  const open = (family: Family, port: number): UdpSocket =>
    new UdpSocket(
      { family, port, mark: config.mark, maxPacketBytes: config.maxPacketBytes, receiveBufferBytes: RECEIVE_BUFFER_BYTES },
      Native,
    );
  const wanted: Family[] = [...(config.useIpv6 ? ([6] as const) : []), ...(config.useIpv4 ? ([4] as const) : [])];
  const families = wanted.filter((family) => isAvailable(family, open, log));
  if (families.length === 0) throw noSockets(wanted.length > 0);

  const ike = openPort(families, config.port, "charon.port", open);
  let nat: UdpSocket[];
  try {
    nat = openPort(families, config.natPort, "charon.port_nat_t", open);
  } catch (error) {
    for (const socket of ike) socket.close();
    throw error;
  }
  const pair = (family: Family): EndpointPair | undefined => {
    const i = families.indexOf(family);
    return i < 0 ? undefined : { ike: new Endpoint(ike[i], log), nat: new Endpoint(nat[i], log) };
  };
  return { ipv4: pair(4), ipv6: pair(6) };
}

/** Opens one port for each family, all or none. */
function openPort(
  families: readonly Family[],
  port: number,
  key: string,
  open: (family: Family, port: number) => UdpSocket,
): UdpSocket[] {
  for (let attempt = 1; ; attempt++) {
    const opened: UdpSocket[] = [];
    let family = families[0];
    try {
      for (family of families) opened.push(open(family, port || opened[0]?.port || 0));
      return opened;
    } catch (error) {
      for (const socket of opened) socket.close();
      const isCollision = port === 0 && opened.length > 0 && error instanceof NativeError && error.errno === "EADDRINUSE";
      if (!isCollision || attempt === RANDOM_ATTEMPTS) throw refused(error, family, port, key);
    }
  }
}

function isAvailable(family: Family, open: (family: Family, port: number) => UdpSocket, log: Logger): boolean {
  try {
    open(family, 0).close();
    return true;
  } catch (error) {
    // Whatever else is wrong shows again, with its port, when the real socket is opened.
    if (!(error instanceof NativeError) || !NO_FAMILY.has(error.errno)) return true;
    log.log(LogGroup.NET, 1, `could not open IPv${family} socket, IPv${family} disabled`);
    return false;
  }
}

function noSockets(isSupportMissing: boolean): SystemError {
  const remedy = isSupportMissing
    ? "this host supports neither of the address families that are switched on"
    : "set charon.plugins.socket-default.use_ipv4 or use_ipv6 to yes";
  return new SystemError("CYG_SOCKET_NONE", "socket", "EAFNOSUPPORT", `could not create any sockets: ${remedy}`);
}

/** One sentence with address, port and remedy. */
function refused(error: unknown, family: Family, port: number, key: string): unknown {
  if (!(error instanceof NativeError)) return error;
  const { syscall, errno } = error;
  const local = `${family === 4 ? "0.0.0.0" : "::"}[${port}]`;
  const make = (code: string, message: string): SystemError => new SystemError(code, syscall, errno, message, { cause: error });
  if (syscall === "bind" && errno === "EADDRINUSE")
    return make(
      "CYG_SOCKET_IN_USE",
      `another program uses UDP port ${local}: stop it (often a second IKE daemon), or choose another port with ${key}`,
    );
  if (syscall === "bind" && errno === "EACCES")
    return make(
      "CYG_SOCKET_PRIVILEGE",
      `no permission to bind UDP port ${local}: run as root or with CAP_NET_BIND_SERVICE, or choose a port from 1024 on with ${key}`,
    );
  if (syscall === "setsockopt" && errno === "EPERM")
    return make(
      "CYG_SOCKET_PRIVILEGE",
      `no permission to set the firewall mark of UDP port ${local}: run as root or with CAP_NET_ADMIN, or remove charon.plugins.socket-default.fwmark`,
    );
  return make("CYG_SOCKET_OPEN", `cannot open UDP port ${local}: ${error.message}`);
}
