import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RevocationList } from "@cygnet/plugin-testkit/parts";
import { LogGroup } from "@cygnet/plugin-api";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { viciPair } from "./support/vici-pair.js";

function list(name: string): RevocationList {
  const octets = readFileSync(new URL(`../../../test/certificates/vectors/${name}`, import.meta.url));
  const text = octets.toString("latin1");
  return new RevocationList(text.startsWith("-----") ? Buffer.from(text.replaceAll(/-----[^-]+-----/g, ""), "base64") : octets);
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cygnet-swanctl-"));
  mkdirSync(join(directory, "x509crl"));
  vi.stubEnv("SWANCTL_DIR", directory);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const written = (): string[] => readdirSync(join(directory, "x509crl"));

it("writes lists that are fetched to the folder that swanctl loads them from, with charon.cache_crls", async () => {
  const ends = await viciPair({ cache_crls: "yes" });
  const { moon, sun } = ends;
  const folder = join(directory, "x509crl");
  await sun.credentials.addFetchedList(list("root.crl"));
  expect(written()).toEqual([]);
  const [complete, delta] = [list("root.crl"), list("delta.crl")];
  for (const each of [complete, delta]) await moon.credentials.addFetchedList(each);
  const names = [`${complete.authorityKeyId}.crl`, `${delta.authorityKeyId}_delta.crl`];
  expect(written()).toEqual(names.toSorted());
  expect(Buffer.compare(readFileSync(join(folder, names[0]!)), complete.der)).toBe(0);
  expect(moon.end.messages(LogGroup.CFG)).toEqual(
    expect.arrayContaining([
      `crl caching to ${folder} enabled`,
      `  written crl file '${join(folder, names[0]!)}' (${complete.der.length} bytes)`,
    ]),
  );
  await ends.stop();
  for (const name of written()) rmSync(join(folder, name));
  await moon.credentials.addFetchedList(complete);
  expect(written()).toEqual([]);
});
