import { LogGroup } from "@cygnet/plugin-api";
import type { Logger, RevocationListFiles, Undo } from "@cygnet/plugin-api";

/** Whether revocation lists that are fetched are kept where lists are loaded from: `charon.cache_crls`, and `cachecrls` of ipsec.conf. */
export class ListCache {
  #stop: Undo | undefined;

  /** @param directory that lists are loaded from at the start */
  constructor(
    private readonly directory: string,
    private readonly files: RevocationListFiles,
    private readonly log: Logger,
  ) {}

  enable(isEnabled: boolean): void {
    this.log.log(LogGroup.CFG, 1, `crl caching to ${this.directory} ${isEnabled ? "enabled" : "disabled"}`);
    if (!isEnabled) return this.close();
    this.#stop ??= this.files.keepIn(this.directory);
  }

  close(): void {
    void this.#stop?.();
    this.#stop = undefined;
  }
}
