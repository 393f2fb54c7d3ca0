import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pluginsDocument } from "../../tools/docs/plugins-document.mjs";
import { packageFolders, root } from "./workspace.js";

it("docs/plugins.md is what the definitions of the plugins say, and has all of them", async () => {
  const text = readFileSync(join(root, "docs/plugins.md"), "utf8");
  expect(text).toBe(await pluginsDocument());
  const plugins = packageFolders().filter((folder) => folder.startsWith("plugins/"));
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, name]) => `plugins/${name}`);
  expect(headings).toEqual([...plugins, "plugins/Parts of the core"]);
});
