import { readFileSync } from "node:fs";
import type { SettingsView } from "@cygnet/settings";
import { optionError } from "../options/option-error.js";

/** Who owns the control sockets; undefined leaves it to the process. */
export interface StreamOwner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * User and group of `charon.user` and `charon.group`, by name or number.
 *
 * @param databases for tests; default /etc/passwd and /etc/group
 * @throws {OptionError} CYG_OPTION_VALUE for a name that the databases do not have
 */
export function readStreamOwner(charon: SettingsView, databases = { passwd: "/etc/passwd", group: "/etc/group" }): StreamOwner {
  return { uid: lookUp(charon, "user", databases.passwd), gid: lookUp(charon, "group", databases.group) };
}

function lookUp(charon: SettingsView, key: "user" | "group", database: string): number | undefined {
  const name = charon.getString(key);
  if (name === undefined || name === "") return undefined;
  // Both databases have the name first and the number third.
  const entry = readFileSync(database, "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[0] === name);
  const number = entry ? Number(entry[2]) : /^\d+$/.test(name) ? Number(name) : NaN;
  if (!Number.isInteger(number)) throw optionError(charon, key, `there is no ${key} '${name}'`);
  return number;
}
