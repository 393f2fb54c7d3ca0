// `node tools/docs/plugin-api-report.mjs [--check]`: writes the public surface of the plugin API, from the sources, to api/plugin-api.api.md, or
// fails if that is not what would be written. Each change of it is a line of CHANGELOG.md, which the digest of the report proves.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const root = join(import.meta.dirname, "../..");
const project = join(root, "core/plugin-api");

/** Where the report is kept. */
export const REPORT_FILE = join(root, "api/plugin-api.api.md");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = pluginApiReport();
  const isCurrent = existsSync(REPORT_FILE) && readFileSync(REPORT_FILE, "utf8") === text;
  if (!process.argv.includes("--check")) {
    mkdirSync(join(root, "api"), { recursive: true });
    writeFileSync(REPORT_FILE, text);
  } else if (!isCurrent) {
    process.stderr.write(`${relative(root, REPORT_FILE)} is not what the code says: run \`npm run docs\`\n`);
    process.exitCode = 1;
  }
  const complaint = changelogComplaint(text, readFileSync(join(root, "CHANGELOG.md"), "utf8"));
  if (complaint !== undefined) {
    process.stderr.write(`${complaint}\n`);
    process.exitCode = 1;
  }
}

/** The declarations that a plugin can import, in the form of API Extractor. Needs the declarations of the packages below: the build. */
export function pluginApiReport() {
  // Within the repository, so that the packages it imports are found.
  mkdirSync(join(root, ".cygnet"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cygnet/plugin-api-"));
  try {
    const declarations = join(folder, "declarations");
    const args = ["-p", project, "--outDir", declarations, "--tsBuildInfoFile", join(folder, ".tsbuildinfo")];
    const { status, stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`the declarations of core/plugin-api cannot be made:\n${stdout}`);
    return extract(folder, join(declarations, "index.d.ts"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Names a report in CHANGELOG.md: 12 hex digits. */
export function reportDigest(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** What is missing in the changelog for this report, undefined where nothing is. */
export function changelogComplaint(text, changelog) {
  const digest = reportDigest(text);
  const line = changelog.split("\n").find((each) => each.includes(`\`${digest}\``));
  if (line !== undefined && /^(- |  )/.test(line)) return undefined;
  return (
    `The plugin API has changed: say so in CHANGELOG.md, in the entry that ends with "(plugin API \`VERSION\`, surface \`DIGEST\`)" or a new one, ` +
    `with the digest \`${digest}\`. What is added makes a new minor version of PLUGIN_API_VERSION, what is taken away a new major one.`
  );
}

function extract(folder, entry) {
  const quiet = { logLevel: ExtractorLogLevel.None };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: project,
      mainEntryPointFilePath: entry,
      newlineKind: "lf",
      compiler: { tsconfigFilePath: join(project, "tsconfig.json"), skipLibCheck: true },
      apiReport: { enabled: true, reportFileName: "report.api.md", reportFolder: folder, reportTempFolder: join(folder, "temp") },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: quiet },
        tsdocMessageReporting: { default: quiet },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(project, "package.json"),
  });
  const errors = [];
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === "error") errors.push(message.text);
    },
  });
  if (errors.length > 0) throw new Error(`the plugin API cannot be extracted:\n${errors.join("\n")}`);
  return readFileSync(join(folder, "report.api.md"), "utf8");
}
