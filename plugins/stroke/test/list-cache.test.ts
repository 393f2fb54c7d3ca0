import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { RevocationListInfo } from "@cygnet/plugin-api";
import { afterEach, beforeEach, expect, it } from "vitest";
import { StrokeMessageType, StrokePurgeFlag } from "../src/abi/index.js";
import { Daemon } from "./support/daemon.js";

const LIST: RevocationListInfo = {
  set: "fetched",
  der: Uint8Array.of(1, 2, 3),
  issuer: "CN=root",
  thisUpdate: 0,
  nextUpdate: undefined,
  number: "01",
  baseNumber: undefined,
  authorityKeyId: "56a2",
  revoked: [],
};

let daemon: Daemon;
let crls: string;
beforeEach(async () => {
  daemon = await Daemon.start({ secrets: "" });
  crls = join(daemon.directory, "ipsec.d/crls");
  mkdirSync(crls, { recursive: true });
});
afterEach(() => daemon.stop());

const fetched = (list: RevocationListInfo): void => {
  for (const listener of daemon.credentials.listListeners) listener(list);
};
const cache = (cachecrl: number) => daemon.request({ type: StrokeMessageType.CONFIG, fields: { cachecrl } });

it("writes lists that are fetched, by their authority's key, as long as cachecrls says so", async () => {
  fetched(LIST);
  expect(readdirSync(crls)).toEqual([]);
  await cache(1);
  await cache(1);
  fetched(LIST);
  fetched({ ...LIST, authorityKeyId: undefined });
  expect(readdirSync(crls)).toEqual(["56a2.crl"]);
  fetched({ ...LIST, der: Uint8Array.of(4), baseNumber: "01" });
  expect(readdirSync(crls)).toEqual(["56a2.crl", "56a2_delta.crl"]);
  rmSync(join(crls, "56a2_delta.crl"));
  expect([...readFileSync(join(crls, "56a2.crl"))]).toEqual([1, 2, 3]);
  expect(daemon.messages).toContain(`crl caching to ${crls} enabled`);
  expect(daemon.messages).toContain(`  written crl file '${join(crls, "56a2.crl")}' (3 bytes)`);
  await cache(0);
  fetched({ ...LIST, authorityKeyId: "0000" });
  expect(readdirSync(crls)).toEqual(["56a2.crl"]);
});

it("writes lists from the start where charon.cache_crls says so", async () => {
  await daemon.stop();
  daemon = await Daemon.start({ secrets: "", charon: "cache_crls = yes" });
  crls = join(daemon.directory, "ipsec.d/crls");
  mkdirSync(crls, { recursive: true });
  fetched(LIST);
  expect(readdirSync(crls)).toEqual(["56a2.crl"]);
});

it("says why a list cannot be written", async () => {
  await cache(1);
  rmSync(crls, { recursive: true });
  fetched(LIST);
  expect(daemon.messages.at(-1)).toBe(`  writing crl file '${join(crls, "56a2.crl")}' failed: No such file or directory`);
});

it("flushes what was fetched on purgecrls and purgeocsp", async () => {
  await daemon.request({ type: StrokeMessageType.PURGE, fields: { flags: StrokePurgeFlag.CRLS } });
  await daemon.request({ type: StrokeMessageType.PURGE, fields: { flags: StrokePurgeFlag.OCSP } });
  expect(daemon.credentials.flushed).toEqual(["crl", "ocsp"]);
});
