import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pair, testHost } from "@cygnet/plugin-testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import plugin from "../src/index.js";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acme-"));
  file = join(folder, "secrets");
});
afterEach(() => rmSync(folder, { recursive: true }));

it("loads the secrets of its file, and leaves nothing behind", async () => {
  writeFileSync(file, "# who     key\nmoon        secret\n\ncarol@example.org  another one\n");
  const host = await testHost({ plugins: [plugin], settings: { "plugins.acme.file": file } });
  expect(host.daemon.lines()).toContain(`loaded 2 secrets from ${file}`);
  expect(host.daemon.plugins.credentials.listSecrets().map(({ owners }) => owners)).toEqual([["moon"], ["carol@example.org"]]);
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});

it("authenticates a peer with them", async () => {
  writeFileSync(file, "moon secret\n");
  const pair = await Pair.load({ sun: { plugins: [plugin], settings: { "plugins.acme.file": file } } });
  pair.moon.secret("secret", "moon", "sun");
  pair.connect();
  const operation = pair.moon.initiate("net");
  await pair.run();
  expect(operation.result()).toBe("done");
  await pair.unload();
});

it.each([
  ["a line without a key", "moon secret\nsun\n", ":2: an identity and a key are expected"],
  ["a file that is not there", undefined, " cannot be read: ENOENT"],
])("names %s", async (_, text, message) => {
  if (text !== undefined) writeFileSync(file, text);
  const host = await testHost({ plugins: [plugin], settings: { "plugins.acme.file": file } });
  expect(host.featureNames()).toEqual([]);
  expect(host.daemon.lines()).toContainEqual(expect.stringContaining(`failed: ${file}${message}`));
  await host.unload();
});
