import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FileFetcher } from "../src/index.js";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "cygnet-files-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const fetch = (path: string, body?: { readonly type: string; readonly octets: Uint8Array }): Promise<Uint8Array> =>
  new FileFetcher().fetch({ uri: pathToFileURL(path).href, maxOctets: 4, ...(body ? { body } : {}) });

it("reads regular files of a size that is asked for, and nothing else", async () => {
  writeFileSync(join(folder, "a b.crl"), "abcd");
  expect(Buffer.from(await fetch(join(folder, "a b.crl"))).toString()).toBe("abcd");
  writeFileSync(join(folder, "large"), "abcde");
  await expect(fetch(join(folder, "large"))).rejects.toThrow("more than 4 octets");
  await expect(fetch(folder)).rejects.toThrow("it is no regular file");
  await expect(fetch(join(folder, "none"))).rejects.toThrow("ENOENT");
  await expect(fetch(join(folder, "a b.crl"), { type: "a/b", octets: Uint8Array.of(1) })).rejects.toThrow("nothing can be sent");
});
