import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { formatCpuList, parseCpuList } from "./cpu-list.js";

/** What `charon.cpu_affinity` asks for: CPUs by number, all that are online, or what the daemon was started with. */
export type WantedCpus = "inherit" | "all" | readonly number[];

/**
 * Lets all threads of the process run on these CPUs and no others; those that do not exist or are not to be had count as absent. The core has
 * no native code, so who starts the daemon brings it.
 * @throws {Error} with the system's reason when none is left; nothing is changed then
 */
export type SetProcessAffinity = (cpus: readonly number[]) => void;

/** CPUs of this process, by number, ascending. */
export interface UsableCpus {
  /** Those that the affinity mask allows. */
  readonly usable: readonly number[];
  readonly online: readonly number[];
}

/** @returns undefined for what is no value of `charon.cpu_affinity` */
export function parseWantedCpus(text: string): WantedCpus | undefined {
  return text === "inherit" || text === "all" ? text : parseCpuList(text);
}

/** The CPUs as the kernel has them now. Whoever counts CPUs asks here, since the option may have changed the mask that the process began with. */
export function usableCpus(): UsableCpus {
  const mask = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read("/proc/self/status"))?.[1] ?? "";
  const first = (count: number): number[] => Array.from({ length: count }, (_, cpu) => cpu);
  return {
    usable: parseCpuList(mask) ?? first(availableParallelism()),
    online: parseCpuList(read("/sys/devices/system/cpu/online")) ?? first(cpus().length),
  };
}

/**
 * Does what the option asks for, before anything counts CPUs and as long as few threads exist; those to come have the mask of their makers.
 * @returns what came out otherwise, for the log
 */
export function applyAffinity(wanted: WantedCpus, set: SetProcessAffinity | undefined): string | undefined {
  if (wanted === "inherit") return undefined;
  const { online } = usableCpus();
  const asked = wanted === "all" ? online : wanted;
  const what = `charon.cpu_affinity = ${wanted === "all" ? wanted : formatCpuList(wanted)}`;
  const existing = asked.filter((cpu) => online.includes(cpu));
  if (existing.length === 0) return `${what} has no effect: of these CPUs none is online, but ${formatCpuList(online)}`;
  try {
    if (set === undefined) throw new Error("this program cannot set it");
    set(existing);
  } catch (error) {
    return `${what} has no effect: ${(error as Error).message} (is the process confined to other CPUs by a cpuset?)`;
  }
  const { usable } = usableCpus();
  const refused = existing.filter((cpu) => !usable.includes(cpu));
  if (refused.length > 0)
    return `${what}: the kernel refuses CPUs ${formatCpuList(refused)} (the process is confined to others by a cpuset, as in a container)`;
  if (existing.length === asked.length) return undefined;
  const absent = asked.filter((cpu) => !online.includes(cpu));
  return `${what}: CPUs ${formatCpuList(absent)} are not online, but ${formatCpuList(online)}`;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
