import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { FetchRequest, Fetcher } from "@cygnet/plugin-api";

/** Reads files that `file://` URIs name. */
export class FileFetcher implements Fetcher {
  async fetch({ uri, body, maxOctets }: FetchRequest): Promise<Uint8Array> {
    if (body) throw new Error("nothing can be sent to a file");
    const file = await open(fileURLToPath(uri));
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new Error("it is no regular file");
      if (stats.size > maxOctets) throw new Error(`more than ${maxOctets} octets`);
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  }
}
