// `node tools/setup/complete-lock.mjs`, after `npm install` against a registry that lacks packages for other platforms: npm leaves those out of
// package-lock.json then, and `npm ci` refuses such a file everywhere. This enters them by version, system and processor, which is all that
// npm needs to leave them out where they do not fit.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.mjs";

const file = join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const { packages } = lock;

for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (!isLocked(path, name))
      packages[`node_modules/${name}`] = { version, ...platform(name), ...(dev && { dev }), optional: true };
  }
}
// Where a package lies is the business of whoever installs: no registry's address belongs into the file.
for (const entry of Object.values(packages)) if (!entry.link) delete entry.resolved;
// npm's own order, so that its next change of the file is small.
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

/** A dependency may be in the node_modules of its dependent or of any folder above. */
function isLocked(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    if (`${at}${at === "" ? "" : "/"}node_modules/${name}` in packages) return true;
    if (at === "") return false;
  }
}

/** Such packages carry their platform in the name: `@nx/nx-linux-x64-musl`. */
function platform(name) {
  const match = /(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-([a-z]+))?$/.exec(name);
  if (match === null) throw new Error(`${name} does not name a platform: install it from a complete registry`);
  const [, os, cpu, abi = ""] = match;
  const libc = os !== "linux" ? [] : abi.startsWith("musl") ? ["musl"] : abi.startsWith("gnu") ? ["glibc"] : [];
  return { cpu: [cpu], ...(libc.length > 0 && { libc }), os: [os] };
}
