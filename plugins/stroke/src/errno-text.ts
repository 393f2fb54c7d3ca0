const TEXTS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EFBIG: "File too large",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMFILE: "Too many open files",
  ENAMETOOLONG: "File name too long",
  ENFILE: "Too many open files in system",
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  EPERM: "Operation not permitted",
};

/** What the C library says for an error, as log lines have it; the symbol itself for rare ones. */
export function errnoText(errno: string): string {
  return TEXTS[errno] ?? errno;
}
