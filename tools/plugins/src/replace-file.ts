import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { encodeText } from "@cygnet/settings";

/** Configurations may have secrets in them, but snippets of packages are for everybody to read. */
const FRESH_MODE = 0o644;

/**
 * Writes a file in one step: whoever reads it sees the old text or the new one. Owner and mode stay, links are followed.
 * @throws what the system says
 */
export function replaceFile(path: string, text: string): void {
  const target = existsSync(path) ? realpathSync(path) : path;
  const before = existsSync(target) ? statSync(target) : undefined;
  const fresh = `${target}.${process.pid}.new`;
  const descriptor = openSync(fresh, "wx", before ? before.mode & 0o7777 : FRESH_MODE);
  try {
    try {
      writeSync(descriptor, encodeText(text));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (before) {
      chmodSync(fresh, before.mode & 0o7777);
      const own = statSync(fresh);
      if (own.uid !== before.uid || own.gid !== before.gid) chownSync(fresh, before.uid, before.gid);
    }
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
