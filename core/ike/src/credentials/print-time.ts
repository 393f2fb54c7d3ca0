const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** A time in strongSwan's notation, `Nov 22 17:33:04 2026`, in the time zone of the host. @param ms since 1970 */
export function printTime(ms: number): string {
  const time = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${MONTHS[time.getMonth()]} ${two(time.getDate())} ${clock} ${time.getFullYear()}`;
}
