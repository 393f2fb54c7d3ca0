/** What strerror says in English; only what happens to sockets and files. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  ECONNREFUSED: "Connection refused",
  EISDIR: "Is a directory",
  ENOTDIR: "Not a directory",
};

/** The reason of a system error as strongSwan's tools print it; that of any other error is its message. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined && REASONS[code]) || message;
}
