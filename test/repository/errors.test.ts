import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, packageFolders, root } from "./workspace.js";

/** A whole code between quotes; `startsWith("CYG_PROPOSAL_")` is none. */
const CODE = /["'](CYG_[A-Z0-9_]*[A-Z0-9])["']/g;
const LISTED = /^\| `(CYG_[A-Z0-9_]+)`\s*\| (.+?)\s*\| (.+?)\s*\|$/gm;

function codesInSources(): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of packageFolders()) {
    for (const part of ["src", "addon"]) {
      for (const file of filesBelow(join(folder, part), /\.(ts|cc|h)$/)) {
        for (const [, code] of readFileSync(join(root, file), "utf8").matchAll(CODE)) found.set(code, file);
      }
    }
  }
  return found;
}

describe("docs/errors.md", () => {
  const listed = [...readFileSync(join(root, "docs/errors.md"), "utf8").matchAll(LISTED)];
  const documented = listed.map(([, code]) => code);
  const inSources = codesInSources();

  it("lists every code of the sources", () => {
    const missing = [...inSources].filter(([code]) => !documented.includes(code)).map(([code, file]) => `${code} of ${file}`);
    expect(missing).toEqual([]);
  });

  it("lists no code that the sources do not have", () => {
    expect(documented.filter((code) => !inSources.has(code))).toEqual([]);
  });

  it("lists each code once, with cause and remedy", () => {
    expect(new Set(documented).size).toBe(documented.length);
    for (const [, code, cause, remedy] of listed) {
      expect(cause, `cause of ${code}`).toMatch(/\.$/);
      expect(remedy, `remedy of ${code}`).toMatch(/[.)]$/);
    }
  });
});
