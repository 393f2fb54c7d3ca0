const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * A time span in strongSwan's words: `54 minutes`, `1 second`. A unit is used above two of it, and what is left over is dropped.
 * @param seconds negative ones count as zero
 */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  for (const [name, size] of UNITS) if (whole > 2 * size) return count(Math.floor(whole / size), name);
  return count(whole, "second");
}

/** `1 second`, `0 seconds`. */
function count(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? "" : "s"}`;
}

/** A point in time as `Nov 22 17:33:56 2026`, local time. */
export function formatTime(epochMs: number): string {
  const date = new Date(epochMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${MONTHS[date.getMonth()]} ${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${date.getFullYear()}`;
}
