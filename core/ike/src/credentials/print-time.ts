const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/**
 * A time in strongSwan's notation: `Nov 22 17:33:04 2026` in the time zone of the host, `Nov 22 17:33:04 UTC 2026` in UTC.
 * @param ms since 1970
 */
export function printTime(ms: number, { isUtc = false }: { readonly isUtc?: boolean } = {}): string {
  // The same fields read as UTC.
  const time = isUtc ? new Date(ms) : new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(":");
  return `${MONTHS[time.getUTCMonth()]} ${two(time.getUTCDate())} ${clock} ${isUtc ? "UTC " : ""}${time.getUTCFullYear()}`;
}
