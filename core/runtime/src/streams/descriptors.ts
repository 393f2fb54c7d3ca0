import { readFileSync } from "node:fs";

/** Where the system does not say. */
const USUAL_LIMIT = 1024;

/** How many descriptors the process may have open. Node.js has raised that to what the system allows. */
export function descriptorLimit(limits = "/proc/self/limits"): number {
  try {
    return Number(/^Max open files +(\d+)/m.exec(readFileSync(limits, "utf8"))?.[1] ?? USUAL_LIMIT);
  } catch {
    return USUAL_LIMIT;
  }
}
