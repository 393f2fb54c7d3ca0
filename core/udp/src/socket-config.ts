import { DefinitionError, LogGroup } from "@cygnet/plugin-api";
import type { PluginContext } from "@cygnet/plugin-api";
import type { SocketOptions } from "./socket-options.js";

/** What the sockets are opened with. */
export interface SocketConfig {
  /** Name of the plugin whose options these are. */
  readonly plugin: string;
  readonly useIpv4: boolean;
  readonly useIpv6: boolean;
  readonly setSource: boolean;
  readonly setSourceInterface: boolean;
  /** SO_MARK, 0 for none. */
  readonly mark: number;
  /** Port for IKE and port behind NAT, never equal; 0 lets the kernel choose, the same for both families. */
  readonly port: number;
  readonly natPort: number;
  readonly maxPacketBytes: number;
  /** Further ports are opened when IKE_SAs are to use them. */
  readonly opensPorts: boolean;
}

type Charon = PluginContext["charon"];

/** UDP over IPv4 carries no more. */
const MAX_PACKET = 65_507;
/** An IKE header; a lower limit would refuse every message. */
const MIN_PACKET = 28;

/**
 * Joins the plugin's options with `charon.port`, `charon.port_nat_t` and `charon.max_packet`.
 *
 * @param opensPorts what the plugin is, no option
 * @throws {DefinitionError} CYG_SOCKET_OPTION naming the option whose value cannot be used
 */
export function readSocketConfig(
  { plugin, options, charon, log }: PluginContext<SocketOptions>,
  opensPorts = false,
): SocketConfig {
  const port = integer(charon, "port", 500, 0, 65_535);
  let natPort = integer(charon, "port_nat_t", 4500, 0, 65_535);
  if (port !== 0 && port === natPort) {
    log.log(LogGroup.NET, 1, "IKE ports can't be equal, will allocate NAT-T port randomly");
    natPort = 0;
  }
  return {
    plugin,
    useIpv4: options.use_ipv4,
    useIpv6: options.use_ipv6,
    setSource: options.set_source,
    setSourceInterface: options.set_sourceif,
    mark: parseMark(options.fwmark, `charon.plugins.${plugin}.fwmark`),
    port,
    natPort,
    // More than a datagram can carry is allowed, as in strongSwan, and means no limit.
    maxPacketBytes: Math.min(integer(charon, "max_packet", 10_000, MIN_PACKET, 2 ** 31 - 1), MAX_PACKET),
    opensPorts,
  };
}

function integer(charon: Charon, key: string, fallback: number, min: number, max: number): number {
  const text = charon.getString(key);
  if (text === undefined) return fallback;
  const value = charon.getInt(key);
  if (value === undefined || value < min || value > max)
    throw new DefinitionError(
      "CYG_SOCKET_OPTION",
      `charon.${key}`,
      `charon.${key} is '${text}', not a number from ${min} to ${max}`,
    );
  return value;
}

/** `value` or `value/mask`; bits outside the mask are not set. */
function parseMark(text: string | undefined, where: string): number {
  if (text === undefined || text === "") return 0;
  const [value, mask = "0xffffffff", ...rest] = text.split("/").map((part) => part.trim());
  const [a, b] = [unsigned(value), unsigned(mask)];
  if (a === undefined || b === undefined || rest.length > 0)
    throw new DefinitionError("CYG_SOCKET_OPTION", where, `${where} is '${text}', not a mark such as 42 or 0x2a/0xff`);
  return (a & b) >>> 0;
}

function unsigned(text: string): number | undefined {
  if (!/^(0x[0-9a-f]{1,8}|[0-9]{1,10})$/i.test(text)) return undefined;
  const value = Number(text);
  return value <= 0xffffffff ? value : undefined;
}
