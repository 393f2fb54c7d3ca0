import { describe, expect, it } from "vitest";
import { FetcherTable } from "../src/control/fetcher-table.js";

const REQUEST = { uri: "HTTP://example.org/a", maxOctets: 10 };
const content = (value: number) => ({ fetch: () => Promise.resolve(Uint8Array.of(value)) });
const failing = (message: string) => ({ fetch: () => Promise.reject(new Error(message)) });

describe("FetcherTable", () => {
  it("asks the fetchers of a scheme in turn, until one has the content", async () => {
    const table = new FetcherTable();
    table.add("other", ["ftp://"], content(1));
    table.add("broken", ["http://"], failing("out of order"));
    const remove = table.add("first", ["https://", "http://"], content(2));
    table.add("second", ["http://"], content(3));
    expect([...(await table.fetch(REQUEST, 1000))]).toEqual([2]);
    await remove();
    expect([...(await table.fetch(REQUEST, 1000))]).toEqual([3]);
  });

  it("says that there is none, or why none has it", async () => {
    const table = new FetcherTable();
    await expect(table.fetch(REQUEST, 1000)).rejects.toMatchObject({
      code: "CYG_FETCH_SCHEME",
      message: "unable to fetch from HTTP://example.org/a, no capable fetcher found",
    });
    table.add("broken", ["http://"], failing("out of order"));
    await expect(table.fetch(REQUEST, 1000)).rejects.toMatchObject({
      code: "CYG_FETCH_FAILED",
      message: "fetching from 'HTTP://example.org/a' failed: out of order",
    });
  });

  it("waits no longer than it is told to, whether the fetcher heeds that or not", async () => {
    const table = new FetcherTable();
    let signal: AbortSignal | undefined;
    table.add("slow", ["http://"], { fetch: (_, given) => new Promise(() => (signal = given)) });
    await expect(table.fetch(REQUEST, 1)).rejects.toThrow("no answer within 0.001 s");
    expect(signal?.aborted).toBe(true);
  });
});
