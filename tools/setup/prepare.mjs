// Brings a clone to the point where cygnet runs: system packages, npm packages, addon, TypeScript. Does nothing when all that is done.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildFingerprint } from "./fingerprint.mjs";
import { hasLibreswan, unpackLibreswan } from "./libreswan.mjs";
import { root, run, SetupError, step } from "./steps.mjs";
import { BUILD_PACKAGES, installPackages, INTEROP_PACKAGES, missingPackages } from "./system-packages.mjs";

/** Oldest Node.js that is supported, as in package.json's `engines`. */
const OLDEST_NODE = [20, 19];

const stateFile = join(root, ".cygnet/setup.json");

/**
 * Sets up what running cygnet needs.
 * @throws {SetupError} with a sentence for the user
 */
export async function prepare() {
  const state = readState();
  if (state.built === buildFingerprint()) return;
  checkNode();
  const missing = missingPackages(BUILD_PACKAGES);
  if (missing.length > 0) await installPackages(missing);
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (!installedFrom(lock, state.lock)) {
    await step("installing npm packages", () =>
      run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { env: npmEnvironment() }),
    );
  }
  // The two do not touch each other's files.
  await Promise.all([
    step("building the addon", () => run(process.execPath, ["native/scripts/build.mjs"])),
    step("building TypeScript", async () => {
      // Not imported above: it is there once the packages are.
      const { bundlePackages } = await import("./bundle.mjs");
      await Promise.all([run(process.execPath, ["node_modules/typescript/bin/tsc", "-b"]), bundlePackages()]);
    }),
  ]);
  writeState({ lock, built: buildFingerprint() });
}

/**
 * Sets up what the interop tests need beyond that, where we may.
 * @returns {Promise<string | undefined>} why some peers are missing
 */
export async function preparePeers() {
  try {
    const missing = missingPackages(INTEROP_PACKAGES);
    if (missing.length > 0) await installPackages(missing);
    if (process.getuid?.() === 0 && !hasLibreswan()) await unpackLibreswan();
    return process.getuid?.() === 0 ? undefined : "not root: network namespaces cannot be made";
  } catch (error) {
    if (error instanceof SetupError) return error.message;
    throw error;
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(`cygnet needs Node.js ${OLDEST_NODE.join(".")} or newer, this is ${process.versions.node}.`);
}

/** Whether node_modules holds what the lock says: by our own record, or by npm's if the user ran npm. */
function installedFrom(lock, recorded) {
  const installed = statSync(join(root, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  if (installed === undefined) return false;
  return recorded === lock || installed.mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
}

/** `npm start` sets npm_config_* for its own run; `npm ci` shall see the user's configuration only. */
function npmEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name)));
}

function readState() {
  if (!existsSync(stateFile)) return {};
  try {
    return JSON.parse(readFileSync(stateFile, "utf8"));
  } catch {
    return {}; // Cut short by a crash: set up again.
  }
}

function writeState(state) {
  mkdirSync(join(root, ".cygnet"), { recursive: true });
  writeFileSync(stateFile, `${JSON.stringify(state)}\n`);
}
