import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { optionsDocument } from "../../tools/docs/options-document.mjs";
import { root } from "./workspace.js";

it("docs/options.md is what the option tables of the code say", async () => {
  expect(readFileSync(join(root, "docs/options.md"), "utf8")).toBe(await optionsDocument());
});

it("every option has a description that ends like a sentence", async () => {
  const rows = (await optionsDocument()).split("\n").filter((line) => line.startsWith("| `"));
  expect(rows.length).toBeGreaterThan(100);
  for (const row of rows) expect(row).toMatch(/[.)] \|$/);
});
