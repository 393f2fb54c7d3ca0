import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PLUGIN_API_VERSION } from "@cygnet/plugin-api";
import { KINDS } from "./kinds.js";

/** What a package is made for. */
export interface PackageRequest {
  /** The plugin's name, without `cygnet-plugin-`. */
  readonly name: string;
  /** One of `KINDS`. */
  readonly kind: string;
  /** Of cygnet's packages. */
  readonly version: string;
}

/** Of the tools that a package is built and tested with. The repository's own; a test compares. */
export const TOOL_VERSIONS = { "@types/node": "20.19.43", typescript: "7.0.2", vitest: "4.1.12" } as const;

const TEMPLATES = fileURLToPath(new URL("../templates", import.meta.url));
/** What templates are called, which stands for the plugin. */
const STAND_IN = "acme";

/** The files of a new package: path and text. */
export function packageFiles(request: PackageRequest): ReadonlyMap<string, string> {
  const { name, kind } = request;
  const files = new Map([
    ["package.json", `${JSON.stringify(manifest(request), null, 2)}\n`],
    ["strongswan.conf", named(strongswanConf(kind), name)],
    ["README.md", named(readme(kind), name)],
  ]);
  for (const folder of ["common", kind]) {
    for (const [path, text] of filesIn(join(TEMPLATES, folder))) files.set(named(path, name), named(text, name));
  }
  return files;
}

function manifest({ name, kind, version }: PackageRequest): object {
  const { description, packages } = KINDS[kind]!;
  const peers = ["@cygnet/plugin-api", ...packages];
  const development = [...peers, "@cygnet/plugin-testkit"].map((each) => [each, `^${version}`] as const);
  return {
    name: `cygnet-plugin-${name}`,
    version: "0.1.0",
    description,
    keywords: ["cygnet-plugin"],
    license: "MIT",
    type: "module",
    exports: { types: "./dist/index.d.ts", default: "./dist/index.js" },
    files: ["dist"],
    scripts: { build: "tsc", test: "vitest run" },
    // No upper end: `api` in the plugin says which daemons it is for, and below 1.0 a caret would refuse the next of them.
    peerDependencies: Object.fromEntries(peers.map((each) => [each, `>=${version}`])),
    devDependencies: Object.fromEntries([...development, ...Object.entries(TOOL_VERSIONS)].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function strongswanConf(kind: string): string {
  const { load, settings } = KINDS[kind]!;
  const lines = ["package = .", ...settings].map((line) => `      ${line}\n`).join("");
  return `charon {\n  load = ${load}\n  plugins {\n    acme {\n${lines}    }\n  }\n}\n`;
}

function readme(kind: string): string {
  const { description, about } = KINDS[kind]!;
  return `# cygnet-plugin-acme

${description}: a plugin for [cygnet](https://www.npmjs.com/package/@cygnet/cli).

${about}

    npm run build
    npm test

\`strongswan.conf\` loads the plugin from this folder. What it would load, and how a daemon runs with it:

    cygnet plugins doctor --conf strongswan.conf
    cygnet charon --conf strongswan.conf

A daemon finds an installed \`cygnet-plugin-acme\` by itself when \`acme\` is in \`charon.load\`; \`package = .\` is for this folder alone. The plugin states the
version of the plugin API that it was written for, in \`src/index.ts\`, and runs with later minor versions, too.
`;
}

/** The text with the plugin's name, also in the codes of errors. */
function named(text: string, name: string): string {
  const code = name.toUpperCase().replaceAll("-", "_");
  return text
    .replaceAll(new RegExp(`\\b${STAND_IN}\\b`, "g"), name)
    .replaceAll(new RegExp(`\\b${STAND_IN.toUpperCase()}_(?=[A-Z])`, "g"), `${code}_`)
    .replaceAll("API_VERSION", PLUGIN_API_VERSION);
}

function* filesIn(folder: string): Generator<readonly [path: string, text: string]> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // npm packs no file of the name that it has later.
    yield [path.slice(folder.length + 1).replace(/^gitignore$/, ".gitignore"), readFileSync(path, "utf8")];
  }
}
