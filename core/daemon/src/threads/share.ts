/** Splits a number of things as evenly as can be; the first parts get what is left over. */
export function share(total: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, part) => Math.floor((total + parts - 1 - part) / parts));
}
