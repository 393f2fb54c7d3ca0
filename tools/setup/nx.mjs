// Runs nx as this repository wants it everywhere: no daemon left behind, nothing sent anywhere, no terminal needed.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./steps.mjs";

const env = { ...process.env, NX_DAEMON: "false", NX_NO_CLOUD: "true", NX_TUI: "false" };
const { status } = spawnSync(process.execPath, [join(root, "node_modules/nx/dist/bin/nx.js"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  env,
});
process.exitCode = status ?? 1;
