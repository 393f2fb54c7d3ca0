import { formatAddress } from "@cygnet/plugin-api";
import type { Selector, SelectorSide } from "./selector.js";

/** `10.1.0.0/16 === 10.2.0.0/16`, with `[6/80]` behind a side where protocol or port matter; a block of ports as value/mask in hex. */
export function describeSelector({ source, destination, protocol }: Selector): string {
  return `${describeSide(source, protocol)} === ${describeSide(destination, protocol)}`;
}

function describeSide({ address, prefix, port, portMask }: SelectorSide, protocol: number): string {
  const ports = portMask === 0 ? "" : portMask === 0xffff ? `/${port}` : `/${port.toString(16)}/${portMask.toString(16)}`;
  const detail = protocol === 0 && ports === "" ? "" : `[${protocol}${ports}]`;
  return `${formatAddress(address)}/${prefix}${detail}`;
}
