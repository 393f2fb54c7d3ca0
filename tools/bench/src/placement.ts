import { spawnSync } from "node:child_process";
import { System } from "@cygnet/native";

/** What goes in front of the commands of both ends, so that they do not share a CPU. */
export interface Placement {
  readonly responder: readonly string[];
  readonly initiator: readonly string[];
  /** One line on where they run. */
  readonly line: string;
}

/** @param cpus that this process may use, ascending */
export function placementOn(cpus: readonly number[], hasTaskset: boolean): Placement {
  const unpinned = (why: string): Placement => ({ responder: [], initiator: [], line: `both ends share the CPUs: ${why}` });
  if (cpus.length < 2) return unpinned("there is only one");
  if (!hasTaskset) return unpinned("there is no taskset (util-linux) to pin them with");
  const [responder, initiator] = cpus;
  const pinned = (cpu: number): string[] => ["taskset", "-c", String(cpu)];
  return {
    responder: pinned(responder),
    initiator: pinned(initiator),
    line: `responder on CPU ${responder}, initiator on CPU ${initiator}`,
  };
}

/** The placement on this machine. */
export function placement(): Placement {
  return placementOn(new System().affinity(), spawnSync("taskset", ["--version"]).status === 0);
}
