// `node tools/docs/options.mjs [--check]`: writes docs/options.md, or fails if it is not what would be written. Needs the build.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { optionsDocument } from "./options-document.mjs";

const file = join(import.meta.dirname, "../../docs/options.md");
const text = await optionsDocument();
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  process.stderr.write("docs/options.md is not what the option tables say: run `npm run docs`\n");
  process.exitCode = 1;
}
