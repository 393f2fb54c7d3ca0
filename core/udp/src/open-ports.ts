import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { NativeError } from "@cygnet/native";
import type { SocketConfig } from "./socket-config.js";

export type Family = 4 | 6;

/** What is opened for one port: a socket, or one for each shard. */
export interface OpenPort {
  readonly port: number;
  close(): void;
}

/** Both ports of one address family. */
export interface PortPair<T> {
  readonly ike: T;
  readonly nat: T;
}

/** What is open; a family that is off or not there is undefined. */
export interface Ports<T> {
  readonly ipv4: PortPair<T> | undefined;
  readonly ipv6: PortPair<T> | undefined;
}

/** Opens a port, 0 for any that is free. @throws {NativeError} */
export type OpenFunction<T> = (family: Family, natT: boolean, port: number) => T;

/** A random port that is free for one family may be taken for the other. */
const RANDOM_ATTEMPTS = 16;
/** What the kernel says where IPv4 or IPv6 is compiled out or switched off. */
const NO_FAMILY = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL", "EPROTONOSUPPORT"]);

/**
 * Opens both ports for each family, with the same numbers. Leaves nothing open when it fails.
 *
 * A family that the host lacks is left out with one line in the log, as long as the other is there.
 *
 * @throws {SystemError} CYG_SOCKET_IN_USE, CYG_SOCKET_PRIVILEGE, CYG_SOCKET_OPEN, CYG_SOCKET_NONE
 */
export function openPorts<T extends OpenPort>(config: SocketConfig, log: Logger, open: OpenFunction<T>): Ports<T> {
  const wanted: Family[] = [...(config.useIpv6 ? ([6] as const) : []), ...(config.useIpv4 ? ([4] as const) : [])];
  const families = wanted.filter((family) => isAvailable(family, open, log));
  if (families.length === 0) throw noSockets(config, wanted.length > 0);

  const ike = openPort(config, families, false, open);
  let nat: T[];
  try {
    nat = openPort(config, families, true, open);
  } catch (error) {
    for (const socket of ike) socket.close();
    throw error;
  }
  const pair = (family: Family): PortPair<T> | undefined => {
    const i = families.indexOf(family);
    return i < 0 ? undefined : { ike: ike[i], nat: nat[i] };
  };
  return { ipv4: pair(4), ipv6: pair(6) };
}

/** Opens one port for each family, all or none. */
function openPort<T extends OpenPort>(
  config: SocketConfig,
  families: readonly Family[],
  natT: boolean,
  open: OpenFunction<T>,
): T[] {
  const port = natT ? config.natPort : config.port;
  for (let attempt = 1; ; attempt++) {
    const opened: T[] = [];
    let family = families[0];
    try {
      for (family of families) opened.push(open(family, natT, port || opened[0]?.port || 0));
      return opened;
    } catch (error) {
      for (const socket of opened) socket.close();
      const isCollision = port === 0 && opened.length > 0 && error instanceof NativeError && error.errno === "EADDRINUSE";
      if (!isCollision || attempt === RANDOM_ATTEMPTS) throw refused(error, family, natT, config);
    }
  }
}

function isAvailable<T extends OpenPort>(family: Family, open: OpenFunction<T>, log: Logger): boolean {
  try {
    open(family, false, 0).close();
    return true;
  } catch (error) {
    // Whatever else is wrong shows again, with its port, when the real socket is opened.
    if (!(error instanceof NativeError) || !NO_FAMILY.has(error.errno)) return true;
    log.log(LogGroup.NET, 1, `could not open IPv${family} socket, IPv${family} disabled`);
    return false;
  }
}

function noSockets({ plugin }: SocketConfig, isSupportMissing: boolean): SystemError {
  const remedy = isSupportMissing
    ? "this host supports neither of the address families that are switched on"
    : `set charon.plugins.${plugin}.use_ipv4 or use_ipv6 to yes`;
  return new SystemError("CYG_SOCKET_NONE", "socket", "EAFNOSUPPORT", `could not create any sockets: ${remedy}`);
}

/** One sentence with address, port and remedy. */
function refused(error: unknown, family: Family, natT: boolean, config: SocketConfig): unknown {
  if (!(error instanceof NativeError)) return error;
  const port = natT ? config.natPort : config.port;
  const key = natT ? "charon.port_nat_t" : "charon.port";
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
      `no permission to set the firewall mark of UDP port ${local}: run as root or with CAP_NET_ADMIN, or remove charon.plugins.${config.plugin}.fwmark`,
    );
  return make("CYG_SOCKET_OPEN", `cannot open UDP port ${local}: ${error.message}`);
}
