import { SystemError } from "@cygnet/plugin-api";
import type { FetchRequest, Fetcher, Fetchers, Undo } from "@cygnet/plugin-api";

interface Entry {
  readonly plugin: string;
  readonly schemes: readonly string[];
  readonly fetcher: Fetcher;
}

/** The fetchers of plugins, in the order they were added. */
export class FetcherTable implements Fetchers {
  readonly #entries = new Set<Entry>();

  add(plugin: string, schemes: readonly string[], fetcher: Fetcher): Undo {
    const entry = { plugin, schemes, fetcher };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  async fetch(request: FetchRequest, timeoutMs: number): Promise<Uint8Array> {
    const { uri } = request;
    const able = [...this.#entries].filter(({ schemes }) => schemes.some((scheme) => uri.toLowerCase().startsWith(scheme)));
    if (able.length === 0)
      throw new SystemError("CYG_FETCH_SCHEME", "fetch", "", `unable to fetch from ${uri}, no capable fetcher found`);
    let problem: unknown;
    for (const { fetcher } of able) {
      try {
        return await within(timeoutMs, (signal) => fetcher.fetch(request, signal));
      } catch (error) {
        problem = error;
      }
    }
    const reason = problem instanceof Error ? problem.message : String(problem);
    throw new SystemError("CYG_FETCH_FAILED", "fetch", "", `fetching from '${uri}' failed: ${reason}`, { cause: problem });
  }
}

/** A fetcher that does not heed the signal is waited for no longer, either. */
async function within<T>(timeoutMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${timeoutMs / 1000} s`));
      end.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([run(end.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
