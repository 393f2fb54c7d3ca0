import { arch, machine, release, type } from "node:os";

/** Our own version. */
export const CYGNET_VERSION = "0.1.0";

/** What status lines and the first log line carry: the strongSwan release whose output they follow, and our own version. */
export const COMPATIBLE_VERSION = `6.0.6 cygnet ${CYGNET_VERSION}`;

/** `Linux 6.1.0-amd64, x86_64`: system, kernel release and machine as strongSwan prints them. */
export function systemText(): string {
  return `${type()} ${release()}, ${typeof machine === "function" ? machine() : arch()}`;
}
