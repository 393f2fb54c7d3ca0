import { int } from "@cygnet/plugin-api";
import type { OptionTable, PerPriority } from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import { readOptions } from "../options/read-options.js";

const reserved = (name: string) => int(0, `Threads reserved for ${name} priority jobs.`, { min: 0 });

/** Options of `charon` that shape the job processor. */
export const PROCESSOR_OPTIONS = {
  threads: int(16, "Jobs that may be in progress at a time, and with it the most shards that are used.", { min: 1 }),
  "processor.priority_threads.critical": reserved("critical"),
  "processor.priority_threads.high": reserved("high"),
  "processor.priority_threads.medium": reserved("medium"),
  "processor.priority_threads.low": reserved("low"),
} satisfies OptionTable;

/**
 * Job slots and reservations out of the daemon's section.
 * @throws {OptionError} CYG_OPTION_VALUE
 */
export function readReservations(charon: SettingsView): { readonly threads: number; readonly reservations: PerPriority } {
  const options = readOptions(PROCESSOR_OPTIONS, charon);
  return {
    threads: options.threads,
    reservations: [
      options["processor.priority_threads.critical"],
      options["processor.priority_threads.high"],
      options["processor.priority_threads.medium"],
      options["processor.priority_threads.low"],
    ],
  };
}
