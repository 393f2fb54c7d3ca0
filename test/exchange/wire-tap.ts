import { ExchangeType, IkeHeader, parseHeader } from "@cygnet/wire";
import type { Flight } from "@cygnet/plugin-testkit/pair";

const MARKER_BYTES = 4;
const NAT_T_PORT = 4500;

/** The message of a datagram, without the non-ESP marker; undefined for a keepalive. */
export function messageOf({ data, source, destination }: Flight): Uint8Array | undefined {
  if (data.length < MARKER_BYTES) return undefined;
  const isNatT = source.port === NAT_T_PORT || destination.port === NAT_T_PORT;
  return isNatT ? data.subarray(MARKER_BYTES) : data;
}

/** The IKE header of a datagram. */
export function headerOf(flight: Flight): IkeHeader | undefined {
  const message = messageOf(flight);
  if (!message) return undefined;
  const header = new IkeHeader();
  parseHeader(message, message.length, header);
  return header;
}

/** `IKE_AUTH request 1 from 192.0.2.1`, to tell datagrams apart. */
export function labelOf(flight: Flight): string {
  const header = headerOf(flight);
  if (!header) return `keepalive from ${flight.source}`;
  const { exchangeType, isResponse, messageId } = header;
  return `${ExchangeType[exchangeType]} ${isResponse ? "response" : "request"} ${messageId} from ${flight.source}`;
}
