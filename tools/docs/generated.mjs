// `node tools/docs/generated.mjs [--check]`: writes docs/options.md and docs/plugins.md, or fails if they are not what would be written. Needs
// the build.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { optionsDocument } from "./options-document.mjs";
import { pluginsDocument } from "./plugins-document.mjs";

const DOCUMENTS = { "options.md": optionsDocument, "plugins.md": pluginsDocument };

for (const [name, make] of Object.entries(DOCUMENTS)) {
  const file = join(import.meta.dirname, "../../docs", name);
  const text = await make();
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    process.stderr.write(`docs/${name} is not what the code says: run \`npm run docs\`\n`);
    process.exitCode = 1;
  }
}
