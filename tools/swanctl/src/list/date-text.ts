/** How certificates are shown. */
export interface TextStyle {
  readonly isUtc: boolean;
  readonly isShort: boolean;
  /** In ms since 1970. */
  readonly now: number;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** In seconds; the largest of which there are more than two is used. */
const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** `Nov 26 19:11:10 2026`, with `UTC` before the year if asked for. */
export function dateText(date: Date, isUtc: boolean): string {
  const local = new Date(date.getTime() - (isUtc ? 0 : date.getTimezoneOffset() * 60_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(":");
  return `${MONTHS[local.getUTCMonth()]} ${two(local.getUTCDate())} ${time}${isUtc ? " UTC" : ""} ${local.getUTCFullYear()}`;
}

/** Whether what begins then is valid already. */
export function beginText(begin: Date, now: number): string {
  return begin.getTime() > now ? `not valid yet (valid in ${span(begin.getTime() - now)})` : "ok";
}

/** Whether what ends then is valid still. */
export function endText(end: Date, now: number): string {
  return end.getTime() < now ? `expired (${span(now - end.getTime())} ago)` : `ok (expires in ${span(end.getTime() - now)})`;
}

function span(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [name, size] = UNITS.find(([, unit]) => seconds > 2 * unit) ?? ["second", 1];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
