import { readdirSync } from "node:fs";
import type { Plugin } from "@cygnet/plugin-api";
import { readOptions } from "@cygnet/runtime";
import { Settings } from "@cygnet/settings";
import { describe, expect, it } from "vitest";

/** What control needs as well, to list it and to build upon it. */
const ALGORITHMS = ["CRYPTER", "AEAD", "SIGNER", "HASHER", "PRF", "XOF", "KDF", "KE", "RNG", "NONCE_GEN"];

const folder = new URL("../../plugins/", import.meta.url);
const names = readdirSync(folder);

describe("the algorithms of each plugin live on every thread", () => {
  it.each(names)("%s", async (name) => {
    const { default: plugin } = (await import(new URL(`${name}/src/index.ts`, folder).href)) as { readonly default: Plugin };
    const options = readOptions(plugin.options ?? {}, Settings.empty.section(["charon", "plugins", name]));
    for (const { provides, on } of plugin.features(options)) {
      if (ALGORITHMS.includes(provides.type)) expect(on, provides.toString()).toBe("both");
    }
  });
});
