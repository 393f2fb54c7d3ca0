// `node tools/docs/api.mjs`: the API reference of all packages, from their doc comments into docs/api. Needs the build.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { packageFolders } from "../setup/fingerprint.mjs";

const root = join(import.meta.dirname, "../..");
const models = join(root, ".cygnet/api-models");
const output = join(root, "docs/api");

/** What does not matter for a reference: missing release tags, and links that only our tools understand. */
const QUIET = { logLevel: ExtractorLogLevel.None };

for (const folder of [models, output]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

let failed = false;
for (const folder of packageFolders()) {
  const { name, private: isPrivate } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  if (isPrivate) continue;
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: join(root, folder),
      mainEntryPointFilePath: join(root, folder, "dist/index.d.ts"),
      compiler: { tsconfigFilePath: join(root, folder, "tsconfig.json"), skipLibCheck: true },
      apiReport: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      docModel: { enabled: true, apiJsonFilePath: join(models, `${name.replace("@cygnet/", "")}.api.json`) },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: QUIET },
        tsdocMessageReporting: { default: QUIET },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, folder, "package.json"),
  });
  const result = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => void (message.handled = message.logLevel !== "error"),
  });
  failed ||= !result.succeeded;
}

const documenter = join(root, "node_modules/.bin/api-documenter");
const { status, stdout, stderr } = spawnSync(documenter, ["markdown", "-i", models, "-o", output], { encoding: "utf8" });
if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
process.exitCode = failed || status !== 0 ? 1 : 0;
