import { SystemError } from "@cygnet/plugin-api";
import type { Rng, RngQuality } from "@cygnet/plugin-api";
import { closeSync, openSync, readSync } from "node:fs";

/** Random octets from a device or a pipe that the operator named: a hardware generator, say. Blocks until it delivers. */
export class DeviceRng implements Rng {
  readonly #path: string;
  #fd: number;

  /** @throws {SystemError} CYG_RANDOM_SOURCE when it cannot be opened */
  constructor(
    readonly quality: RngQuality,
    path: string,
  ) {
    this.#path = path;
    try {
      this.#fd = openSync(path, "r");
    } catch (error) {
      throw this.#failure("open", error);
    }
  }

  /** @throws {SystemError} CYG_RANDOM_SOURCE when reading fails or the source ends */
  bytes(out: Uint8Array): void {
    for (let done = 0; done < out.length;) {
      let count: number;
      try {
        count = readSync(this.#fd, out, done, out.length - done, null);
      } catch (error) {
        throw this.#failure("read", error);
      }
      if (count === 0) throw this.#failure("read", undefined);
      done += count;
    }
  }

  /** A second call does nothing. */
  close(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #failure(syscall: string, cause: unknown): SystemError {
    const errno = (cause as NodeJS.ErrnoException | undefined)?.code ?? "EIO";
    return new SystemError("CYG_RANDOM_SOURCE", syscall, errno, `no random octets from '${this.#path}': ${errno}`, { cause });
  }
}
