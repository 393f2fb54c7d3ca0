import { nameOf } from "./names.js";

/** Traffic selector types, RFC 7296 section 3.13.1 and RFC 9478. */
export enum TrafficSelectorType {
  TS_IPV4_ADDR_RANGE = 7,
  TS_IPV6_ADDR_RANGE = 8,
  TS_SECLABEL = 10,
}

/** Name of a traffic selector type, such as `TS_IPV4_ADDR_RANGE`; `(99)` for an unknown one. */
export function trafficSelectorTypeName(value: number): string {
  return nameOf(TrafficSelectorType, value);
}
