import { splitList } from "./stroke-end.js";
import type { StrokeEnd } from "./stroke-end.js";

const MAX_PORT = 0xffff;

/**
 * The traffic selectors of an end: its subnets, or its own address. An entry with protocol and port of its own keeps them, others get
 * those of `protoport`.
 */
export function selectorsOf(end: StrokeEnd): string[] {
  const ports = portSuffix(end);
  const subnets = end.tohost === 0 ? splitList(end.subnets) : [];
  if (subnets.length === 0) return [`dynamic${ports}`];
  return subnets.map((subnet) => {
    const entry = subnet.startsWith("%dynamic") ? subnet.slice(1) : subnet;
    return entry.includes("[") ? entry : `${entry}${ports}`;
  });
}

/** `[6/80]`, `[17/%opaque]`, nothing for any. */
function portSuffix({ protocol, from_port: from, to_port: to }: StrokeEnd): string {
  const isAnyPort = from === 0 && to === MAX_PORT;
  if (isAnyPort) return protocol === 0 ? "" : `[${protocol}]`;
  if (from === MAX_PORT && to === 0) return `[${protocol}/%opaque]`;
  return `[${protocol}/${from === to ? from : `${from}-${to}`}]`;
}
