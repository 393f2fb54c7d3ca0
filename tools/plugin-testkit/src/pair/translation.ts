import { Host } from "@cygnet/plugin-api";
import type { Flight } from "./memory-network.js";

/** Moon's address in front of its NAT. */
export const INSIDE = Host.of("192.0.2.1");

/** A NAT in front of moon: each of its ports gets another one outside, `offset` higher. */
export function nat(outside: string, offset = 10_000) {
  const state = { outside: Host.of(outside), offset };
  const translate = (flight: Flight): Flight => {
    const { source, destination } = flight;
    if (source.sameAddress(INSIDE)) return { ...flight, source: state.outside.withPort(source.port + state.offset) };
    if (destination.sameAddress(state.outside))
      return { ...flight, destination: INSIDE.withPort(destination.port - state.offset) };
    return flight;
  };
  return { state, translate };
}
