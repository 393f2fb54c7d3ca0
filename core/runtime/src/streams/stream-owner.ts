import { readFileSync } from "node:fs";
import type { SettingsView } from "@cygnet/settings";
import { optionError } from "../options/option-error.js";

/** Who owns the control sockets and log files, and whom the daemon runs as; undefined leaves it to the process. */
export interface StreamOwner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** The group that the user belongs to, where the database knows. */
  readonly userGid?: number | undefined;
}

/**
 * User and group of `charon.user` and `charon.group`, by name or number.
 *
 * @param databases for tests; default /etc/passwd and /etc/group
 * @throws {OptionError} CYG_OPTION_VALUE for a name that the databases do not have
 */
export function readStreamOwner(charon: SettingsView, databases = { passwd: "/etc/passwd", group: "/etc/group" }): StreamOwner {
  const user = lookUp(charon, "user", databases.passwd);
  return { uid: user?.number, gid: lookUp(charon, "group", databases.group)?.number, userGid: user?.group };
}

/** A number, and for users their group. */
interface Entry {
  readonly number: number;
  readonly group: number | undefined;
}

function lookUp(charon: SettingsView, key: "user" | "group", database: string): Entry | undefined {
  const name = charon.getString(key);
  if (name === undefined || name === "") return undefined;
  // Both databases have the name first and the number third; users have their group's fourth.
  const entries = readFileSync(database, "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const entry = entries.find((fields) => fields[0] === name) ?? entries.find((fields) => fields[2] === name);
  const number = entry ? Number(entry[2]) : /^\d+$/.test(name) ? Number(name) : NaN;
  if (!Number.isInteger(number)) throw optionError(charon, key, `there is no ${key} '${name}'`);
  return { number, group: key === "user" && entry ? Number(entry[3]) : undefined };
}
