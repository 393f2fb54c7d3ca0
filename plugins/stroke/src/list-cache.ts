import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogGroup } from "@cygnet/plugin-api";
import type { CredentialStore, Logger, RevocationListInfo, Undo } from "@cygnet/plugin-api";
import { errnoText } from "./errno-text.js";

/** Keeps revocation lists that were fetched in files, so that they are there after a restart: `cachecrls` of ipsec.conf. */
export class ListCache {
  #stop: Undo | undefined;

  /** @param directory that lists are loaded from at the start */
  constructor(
    private readonly directory: string,
    private readonly credentials: CredentialStore,
    private readonly log: Logger,
  ) {}

  enable(isEnabled: boolean): void {
    if (!isEnabled) return this.close();
    this.#stop ??= this.credentials.onFetchedList((list) => this.#write(list));
  }

  close(): void {
    void this.#stop?.();
    this.#stop = undefined;
  }

  #write({ der, authorityKeyId, baseNumber }: RevocationListInfo): void {
    if (authorityKeyId === undefined) return;
    const file = join(this.directory, `${authorityKeyId}${baseNumber === undefined ? "" : "_delta"}.crl`);
    // Beside it first, so that nobody reads half of it.
    const draft = `${file}.${process.pid}`;
    try {
      writeFileSync(draft, der, { mode: 0o644 });
      renameSync(draft, file);
      this.log.log(LogGroup.CFG, 1, `  written crl to '${file}'`);
    } catch (error) {
      rmSync(draft, { force: true });
      this.log.log(
        LogGroup.CFG,
        1,
        `  writing crl to '${file}' failed: ${errnoText((error as NodeJS.ErrnoException).code ?? "EIO")}`,
      );
    }
  }
}
