import type { CounterValues } from "@cygnet/plugin-api";

const NAME_COLUMNS = 18;
const VALUE_COLUMNS = 12;

/**
 * The listing of `listcounters`.
 * @param connection undefined for the counters of the whole daemon
 */
export function counterLines(connection: string | undefined, values: CounterValues): string[] {
  const lines = ["", `List of IKE counters${connection === undefined ? "" : ` for '${connection}'`}:`, ""];
  for (const [name, value] of Object.entries(values)) {
    lines.push(`${name.padEnd(NAME_COLUMNS)} ${String(value).padStart(VALUE_COLUMNS)}`);
  }
  return lines;
}
