import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getSystemErrorMap } from "node:util";
import { LogGroup } from "@cygnet/plugin-api";
import type { CredentialStore, Logger, RevocationListFiles, RevocationListInfo, Undo } from "@cygnet/plugin-api";

/** Writes revocation lists that are fetched to files. */
export class ListFiles implements RevocationListFiles {
  constructor(
    private readonly credentials: Pick<CredentialStore, "onFetchedList">,
    private readonly log: Logger,
  ) {}

  keepIn(directory: string): Undo {
    return this.credentials.onFetchedList((list) => this.#write(directory, list));
  }

  #write(directory: string, { der, authorityKeyId, baseNumber }: RevocationListInfo): void {
    if (authorityKeyId === undefined) return;
    const file = join(directory, `${authorityKeyId}${baseNumber === undefined ? "" : "_delta"}.crl`);
    // Beside it first, so that nobody reads half of it.
    const draft = `${file}.${process.pid}`;
    try {
      writeFileSync(draft, der, { mode: 0o644 });
      renameSync(draft, file);
      this.log.log(LogGroup.CFG, 1, `  written crl file '${file}' (${der.length} bytes)`);
    } catch (error) {
      rmSync(draft, { force: true });
      this.log.log(LogGroup.CFG, 1, `  writing crl file '${file}' failed: ${errorText(error as NodeJS.ErrnoException)}`);
    }
  }
}

/** Why a file could not be written, as strongSwan's log has it: `No such file or directory`. */
function errorText({ errno, code = "EIO" }: NodeJS.ErrnoException): string {
  const text = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return text === undefined ? code : text.charAt(0).toUpperCase() + text.slice(1);
}
