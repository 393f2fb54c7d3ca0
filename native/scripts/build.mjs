// Builds the addon: `node scripts/build.mjs [--sanitize] [--force]`.
//
// Does nothing when the stamp of the last build names the same sources, Node.js and libgmp. `--sanitize` builds with AddressSanitizer and
// UndefinedBehaviorSanitizer into build-sanitize/, beside the normal build/.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sanitize = process.argv.includes("--sanitize");
const work = sanitize ? join(root, "build-sanitize") : root;
const stamp = join(work, "build", "cygnet-build.json");
const addon = join(work, "build", "Release", "cygnet.node");

const files = [
  "binding.gyp",
  ...readdirSync(join(root, "scripts")).map((name) => join("scripts", name)),
  ...readdirSync(join(root, "addon"), { recursive: true })
    .map((name) => join("addon", name))
    .filter((name) => /\.(cc|h)$/.test(name)),
].sort();

const sources = createHash("sha256");
for (const file of files) sources.update(`${file}\0`).update(readFileSync(join(root, file)));
const layout = createHash("sha256")
  .update(files.join("\0"))
  .update(readFileSync(join(root, "binding.gyp")))
  .digest("hex");
const haveGmp = spawnSync(process.execPath, [join(root, "scripts", "have-gmp.mjs")], { encoding: "utf8" }).stdout.trim();
const compiler = ["CXX", "CC", "CXXFLAGS", "CFLAGS", "LDFLAGS"].map((name) => `${name}=${process.env[name] ?? ""}`).join(" ");
const wanted = { sources: sources.digest("hex"), layout, node: process.version, arch: process.arch, haveGmp, compiler };

const last = existsSync(stamp) && existsSync(addon) ? JSON.parse(readFileSync(stamp, "utf8")) : undefined;
if (!process.argv.includes("--force") && JSON.stringify(last) === JSON.stringify(wanted)) process.exit(0);

if (sanitize) prepareCopy();
const headers = join(dirname(dirname(process.execPath)), "include", "node", "node_version.h");
const nodeGyp = createRequire(import.meta.url).resolve("node-gyp/bin/node-gyp.js");
// A new file, compiler or Node.js needs new makefiles; anything else only make.
const sameMakefiles = last && Object.keys(wanted).every((key) => key === "sources" || last[key] === wanted[key]);
if (!sameMakefiles) run("configure", ...(sanitize ? ["--", "-Dsanitize=address,undefined"] : []));
run("build");
writeFileSync(stamp, JSON.stringify(wanted));

/** node-gyp builds beside its binding.gyp, so that another output folder is another folder with links to the same sources. */
function prepareCopy() {
  mkdirSync(work, { recursive: true });
  for (const name of ["addon", "scripts"]) if (!existsSync(join(work, name))) symlinkSync(join("..", name), join(work, name));
  for (const name of ["binding.gyp", "package.json"]) {
    rmSync(join(work, name), { force: true });
    cpSync(join(root, name), join(work, name));
  }
}

function run(command, ...gypArguments) {
  // The headers that came with this Node.js, where they did, save a download. Without them node-gyp decides (npm's `nodedir` or the network).
  const nodedir = existsSync(headers) ? ["--nodedir", dirname(dirname(dirname(headers)))] : [];
  const result = spawnSync(process.execPath, [nodeGyp, command, ...nodedir, ...gypArguments], { cwd: work, encoding: "utf8" });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  console.error(`node-gyp ${command} failed: the addon needs a C++20 compiler, make and Python 3`);
  process.exit(1);
}
