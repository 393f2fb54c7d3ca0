import type { KernelPolicy } from "@cygnet/plugin-api";
import type { Selector } from "./selector.js";

/** The lowest priority of a pass shunt; that of others is a multiple. */
const BASE = 200_000;

const FACTOR: Readonly<Record<KernelPolicy["priority"], number>> = { pass: 1, default: 2, routed: 2, fallback: 3 };

/**
 * The priority of a policy, the lower the better, as strongSwan computes it, so that the policies of both can live in one kernel: of a class, the
 * one whose selector is narrower comes first, by networks, then protocol, then ports.
 *
 *   bits 9..17  prefix lengths of both sides
 *   bit  8      a protocol is given
 *   bits 2..7   set bits in the port masks of both sides
 *   bit  1      restricted to an interface
 *   bit  0      not a trap
 */
export function policyPriority(selector: Selector, priority: KernelPolicy["priority"]): number {
  const { source, destination, protocol, interfaceIndex = 0 } = selector;
  return (
    BASE * FACTOR[priority] -
    (source.prefix + destination.prefix) * 512 -
    (protocol === 0 ? 0 : 256) -
    (setBits(source.portMask) + setBits(destination.portMask)) * 4 -
    (interfaceIndex === 0 ? 0 : 2) -
    (priority === "routed" ? 0 : 1)
  );
}

function setBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
