/** The reverse half of a numeric TypeScript `enum`: member names by number. */
export type EnumNames = Readonly<Record<number, string>>;

/**
 * Prints a protocol number: its name where it has one, and the number in parentheses, as charon's log does, where not.
 *
 * @param names an enum object, or a table of printed names by number
 */
export function nameOf(names: EnumNames, value: number): string {
  return names[value] ?? `(${value})`;
}
