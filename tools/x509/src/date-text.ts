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
  const seconds = secondsBetween(now, begin);
  return seconds > 0 ? `not valid yet (valid in ${span(seconds)})` : "ok";
}

/** Whether what ends then is valid still. */
export function endText(end: Date, now: number): string {
  const seconds = secondsBetween(now, end);
  return seconds < 0 ? `expired (${span(-seconds)} ago)` : `ok (expires in ${span(seconds)})`;
}

/** Certificates know whole seconds, and spans are counted between whole ones. */
function secondsBetween(now: number, date: Date): number {
  return Math.floor(date.getTime() / 1000) - Math.floor(now / 1000);
}

function span(seconds: number): string {
  const [name, size] = UNITS.find(([, unit]) => seconds > 2 * unit) ?? ["second", 1];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
