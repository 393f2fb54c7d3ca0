/** What strongSwan calls the symbols of a plugin. */
export function symbol(name: string): string {
  return `${name.replaceAll("-", "_")}_plugin`;
}
