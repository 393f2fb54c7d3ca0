import { median } from "../statistics.js";

const ROUND_US = 20_000;
const ROUNDS = 7;

/**
 * Nanoseconds of CPU time of the process that a call takes, garbage collection included: the median of some rounds of about 20 ms, behind those
 * that find out how many calls that is, in which the code gets compiled.
 */
export function nanoseconds(call: () => void): number {
  let calls = 1;
  while (cpuUs(call, calls) < ROUND_US) calls *= 2;
  return median(Array.from({ length: ROUNDS }, () => (cpuUs(call, calls) * 1000) / calls));
}

function cpuUs(call: () => void, calls: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) call();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
