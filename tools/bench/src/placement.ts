import { spawnSync } from "node:child_process";
import { System } from "@cygnet/native";

/** What goes in front of the commands of both ends, so that they do not share a CPU. */
export interface Placement {
  readonly responder: readonly string[];
  readonly initiator: readonly string[];
  /** CPUs that processes can be pinned to, ascending; none if they cannot. */
  readonly cpus: readonly number[];
  /** One line on where they run. */
  readonly line: string;
}

/** @param cpus that this process may use, ascending */
export function placementOn(cpus: readonly number[], hasTaskset: boolean): Placement {
  const unpinned = (why: string): Placement => ({
    responder: [],
    initiator: [],
    cpus: [],
    line: `both ends share the CPUs: ${why}`,
  });
  if (cpus.length < 2) return unpinned("there is only one");
  if (!hasTaskset) return unpinned("there is no taskset (util-linux) to pin them with");
  const [responder, initiator] = cpus;
  return {
    responder: pinnedTo([responder]),
    initiator: pinnedTo([initiator]),
    cpus,
    line: `responder on CPU ${responder}, initiator on CPU ${initiator}`,
  };
}

/** What goes in front of a command that is to run on these CPUs only. */
export function pinnedTo(cpus: readonly number[]): string[] {
  return ["taskset", "-c", cpus.join(",")];
}

/** The placement on this machine. */
export function placement(): Placement {
  return placementOn(new System().affinity(), spawnSync("taskset", ["--version"]).status === 0);
}
