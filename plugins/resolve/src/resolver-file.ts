import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, stat, unlink, writeFile } from "node:fs/promises";
import { SystemError } from "@cygnet/plugin-api";
import type { DnsInstaller } from "./dns-installer.js";

/** Mode of a file that was not there before. */
const NEW_FILE_MODE = 0o644;
const MODE_BITS = 0o7777;

/**
 * Keeps DNS servers in a file of the form of resolv.conf, in front of what others wrote there.
 *
 * The file is replaced as a whole, so that nobody reads half of it. Where that is not possible (a directory that we may not write to, a
 * file that is a mount of its own, as in containers) it is written in place.
 */
export class ResolverFile implements DnsInstaller {
  readonly installingTo: string;
  readonly removingFrom: string;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.installingTo = `to ${path}`;
    this.removingFrom = `from ${path}`;
  }

  async install(server: string): Promise<void> {
    await this.#rewrite((lines) => [ownLine(server), ...without(lines, server)]);
  }

  async remove(server: string): Promise<void> {
    await this.#rewrite((lines) => without(lines, server));
  }

  async #rewrite(change: (lines: readonly string[]) => readonly string[]): Promise<void> {
    try {
      // A link, to systemd's or NetworkManager's file, stays one.
      const path = await realpath(this.#path).catch(unless("ENOENT", this.#path));
      const before = await readFile(path, "utf8").catch(unless("ENOENT", ""));
      const after = change(before.split("\n")).join("\n");
      if (after !== before && !(await replace(path, after))) await writeFile(path, after, { mode: NEW_FILE_MODE });
    } catch (error) {
      const { code = "EIO", syscall = "write" } = error as NodeJS.ErrnoException;
      throw new SystemError("CYG_RESOLVE_FILE", syscall, code, `writing ${this.#path} failed: ${code}`, { cause: error });
    }
  }
}

/** Writes a file next to `path` and puts it in its place. @returns false when it cannot be done that way */
async function replace(path: string, content: string): Promise<boolean> {
  const before = await stat(path).catch(unless("ENOENT", undefined));
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const file = await open(temporary, "wx", NEW_FILE_MODE);
    try {
      await file.writeFile(content);
      if (before !== undefined) {
        await file.chown(before.uid, before.gid);
        await file.chmod(before.mode & MODE_BITS);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return true;
  } catch {
    await unlink(temporary).catch(() => undefined);
    return false;
  }
}

/** The line as strongSwan writes it, by which it is found again; also after a crash, and by strongSwan. */
function ownLine(server: string): string {
  return `nameserver ${server}   # by strongSwan`;
}

function without(lines: readonly string[], server: string): readonly string[] {
  const own = ownLine(server);
  return lines.filter((line) => line !== own);
}

function unless<T>(code: string, instead: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === code) return instead;
    throw error;
  };
}
