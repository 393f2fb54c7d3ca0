import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import type { StreamOwner } from "@cygnet/runtime";

/**
 * Makes the process run as the user and group of `charon.user` and `charon.group`, for good: no capability is kept, as nothing that is open
 * needs one. Without a group, it is the one that the user belongs to. Nothing happens where neither is configured.
 *
 * @throws {SystemError} CYG_DAEMON_PRIVILEGES where the process may not do that
 */
export function dropPrivileges({ uid, gid, userGid }: StreamOwner, log: Logger): void {
  if (uid === undefined && gid === undefined) return;
  const group = gid ?? userGid ?? process.getgid!();
  try {
    // Others may not choose their groups, and have none to lose.
    if (process.getuid!() === 0) setGroups(uid, group);
    process.setgid!(group);
    if (uid !== undefined) process.setuid!(uid);
  } catch (error) {
    const { code = "EPERM", syscall = "setuid" } = error as NodeJS.ErrnoException;
    const wanted = uid === undefined ? `group ${group}` : `user ${uid}, group ${group}`;
    throw new SystemError("CYG_DAEMON_PRIVILEGES", syscall, code, `changing to ${wanted} failed: ${code}`, { cause: error });
  }
  log.log(LogGroup.LIB, 1, `dropped capabilities, running as uid ${process.getuid!()}, gid ${process.getgid!()}`);
}

/** What the types of Node.js leave out. */
const groups = process as typeof process & { initgroups(user: number | string, extraGroup: number): void };

/** The supplementary groups of the user; a number that the database does not have, or no user, gets the group alone. */
function setGroups(uid: number | undefined, group: number): void {
  try {
    if (uid !== undefined) return groups.initgroups(uid, group);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_UNKNOWN_CREDENTIAL") throw error;
  }
  process.setgroups!([group]);
}
