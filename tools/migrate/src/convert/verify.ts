import { parseSettings } from "@cygnet/settings";
import type { Conversion } from "./convert-ipsec-conf.js";
import { differenceText, differences } from "./differences.js";
import { swanctlDefinition } from "./swanctl-definition.js";

/**
 * Compares what the daemon loads from the source with what it loads from a converted text, connection by connection.
 * @returns a line for each difference; none if both are equal
 * @throws {ConfigError} if the text is no swanctl.conf
 * @throws {CommandFailed} if the daemon would refuse one of its connections
 */
export function verifyConversion({ connections }: Pick<Conversion, "connections">, text: string): string[] {
  const { settings } = parseSettings(text, { file: "swanctl.conf" });
  const names = new Set(settings.sections(["connections"]));
  const found: string[] = [];
  for (const { name, peer } of connections) {
    if (!names.delete(name)) found.push(`${name}: not in swanctl.conf`);
    else found.push(...differences(peer, swanctlDefinition(settings, name), [name]).map(differenceText));
  }
  return [...found, ...[...names].map((name) => `${name}: in swanctl.conf only`)];
}
