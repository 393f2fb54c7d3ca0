import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageFolders, root } from "./workspace.js";

/** A file with one import, and a part of what the rule says about it; undefined where the import is in order. */
type Case = readonly [file: string, statement: string, reason: string | undefined];

const CASES: readonly Case[] = [
  ["core/settings/src/a.ts", `import "@cygnet/wire";`, "bottom of the layers"],
  ["core/wire/src/a.ts", `import "@cygnet/settings";`, "bottom of the layers"],
  ["core/wire/src/b.ts", `import "node:fs";`, "bytes to values"],
  ["core/wire/src/c.ts", `import "fs";`, "node:fs"],
  ["core/plugin-api/src/a.ts", `import "@cygnet/runtime";`, "contract that all others share"],
  ["core/plugin-api/src/b.ts", `import "@cygnet/wire";`, undefined],
  ["core/runtime/src/a.ts", `import "@cygnet/crypto";`, "knows nothing of IKE"],
  ["core/runtime/src/b.ts", `import "@cygnet/plugin-api";`, undefined],
  ["core/crypto/src/a.ts", `import "@cygnet/native";`, "algorithms come from plugins"],
  ["core/crypto/src/b.ts", `import "@cygnet/runtime";`, "algorithms come from plugins"],
  ["core/ike/src/a.ts", `import "@cygnet/daemon";`, "never the daemon"],
  ["core/ike/src/sa/b.ts", `import "@cygnet/plugin-aes";`, "never the daemon, a plugin"],
  ["core/ike/src/sa/ikev2/c.ts", `import "node:crypto";`, "by injection"],
  ["core/ike/src/d.ts", `import "@cygnet/crypto";`, undefined],
  ["core/daemon/src/a.ts", `import "@cygnet/plugin-stroke/abi";`, "by name through the plugin host"],
  ["core/daemon/src/b.ts", `import "@cygnet/native";`, "native through plugins"],
  ["core/daemon/src/c.ts", `import "@cygnet/cli";`, "tools stand above"],
  ["core/daemon/src/d.ts", `import "@cygnet/ike";`, undefined],
  ["core/daemon/src/e.ts", `import "@cygnet/udp";`, "native through plugins"],
  ["core/udp/src/a.ts", `import "@cygnet/ike";`, "what socket plugins share"],
  ["core/udp/src/b.ts", `import "@cygnet/native"; import "@cygnet/plugin-api";`, undefined],
  ["plugins/attr/src/a.ts", `import "@cygnet/plugin-resolve";`, "another plugin"],
  ["plugins/attr/src/b.ts", `import "@cygnet/ike";`, "the core behind the contract"],
  ["plugins/attr/src/c.ts", `export { a } from "@cygnet/starter";`, "a tool"],
  ["plugins/attr/src/d.ts", `export const a = import("@cygnet/runtime");`, "the core behind the contract"],
  ["plugins/attr/src/e.ts", `import { parseSettings } from "@cygnet/settings"; parseSettings();`, "only types"],
  ["plugins/attr/src/f.ts", `import type { Settings } from "@cygnet/settings"; export type A = Settings;`, undefined],
  ["plugins/attr/src/g.ts", `import "@cygnet/native";`, undefined],
  ["plugins/attr/src/i.ts", `import "@cygnet/udp";`, undefined],
  ["plugins/attr/src/j.ts", `import "@cygnet/vici";`, undefined],
  ["native/src/a.ts", `import "@cygnet/plugin-api";`, "mechanism only"],
  ["core/ike/src/e.ts", `import "../../wire/src/index.js";`, "imported by its name"],
  ["plugins/attr/src/h.ts", `import "../../resolve/src/plugin.js";`, "imported by its name"],
  ["core/ike/src/sa/f.ts", `import "../../../daemon/dist/index.js";`, "imported by its name"],
  ["tools/cygnet/src/a.ts", `import "../../starter/src/index.js";`, "imported by its name"],
  ["tools/cygnet/src/b.ts", `import "@cygnet/daemon"; import "@cygnet/plugin-load-tester";`, undefined],
  ["core/runtime/test/a.test.ts", `import "@cygnet/cli";`, "do not need the tools"],
  ["plugins/attr/test/a.test.ts", `import "@cygnet/starter";`, "from @cygnet/plugin-testkit"],
  ["plugins/attr/test/b.test.ts", `import "@cygnet/runtime";`, "from @cygnet/plugin-testkit"],
  ["plugins/attr/test/c.test.ts", `import "@cygnet/plugin-testkit/parts"; import "../src/plugin.js";`, undefined],
  ["test/exchange/a.test.ts", `import "@cygnet/cli"; import "@cygnet/daemon";`, undefined],
];

/** Nobody below may import the tool, so where it is taken there is no rule. */
const UNRULED = `import "@cygnet/starter";`;
const RULED: readonly Case[] = packageFolders()
  .filter((path) => /^(core|plugins)\/|^native$/.test(path))
  .map((path) => [`${path}/src/unruled.ts`, UNRULED, ""]);

interface Diagnostic {
  readonly filename: string;
  readonly code: string;
  readonly help?: string;
}

const RULES = /no-restricted-imports|prefer-node-protocol/;

describe("the lint rules on imports", () => {
  const found = new Map<string, string>();
  let folder: string;

  // The rules go by folder, so a tree of the same shape with the same configuration shows them without touching the sources.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cygnet-boundaries-"));
    copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    for (const [file, statement] of [...CASES, ...RULED]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `${statement}\n`);
    }
    const { stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["-f", "json"], { cwd: folder, encoding: "utf8" });
    const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
    for (const { filename, code, help } of diagnostics) {
      if (RULES.test(code)) found.set(filename, `${found.get(filename) ?? ""}${help}\n`);
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are there for each package below the tools", () => {
    expect(RULED.length).toBeGreaterThan(20);
    expect(RULED.map(([file]) => file).filter((file) => !found.has(file))).toEqual([]);
  });

  for (const [file, statement, reason] of CASES) {
    it(`${reason === undefined ? "take" : "refuse"} ${statement} in ${dirname(file)}`, () => {
      if (reason === undefined) expect(found.get(file)).toBeUndefined();
      else expect(found.get(file)).toContain(reason);
    });
  }
});
