import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { CORE_PARTS } from "@cygnet/daemon";
import { PackageSource } from "@cygnet/runtime";
import { KINDS } from "./kinds.js";
import { cloneFolder, linkPackages } from "./link-packages.js";
import { packageFiles } from "./package-files.js";

const DEFAULT_KIND = "listener";
const kinds = Object.entries(KINDS).map(([kind, { description }]) => `  ${kind.padEnd(12)} ${description.toLowerCase()}\n`);

const USAGE = `Usage: cygnet plugin new NAME [OPTIONS]

Writes a package for the plugin NAME, with one feature and a test of it, which
builds, tests and loads as it is.

Kinds:
${kinds.join("")}
Options:
  --kind KIND      ${DEFAULT_KIND} by default
  --folder FOLDER  where it goes, cygnet-plugin-NAME by default
  --link           use the packages and tools of the clone that cygnet runs
                   from, in place of installing them with npm
  --help

Exit codes: 0 done; 1 it cannot be written; 2 the command line is wrong.
`;

/**
 * Runs `cygnet plugin` with the arguments that follow its name.
 * @param version of cygnet's packages
 * @returns the exit code
 * @throws {UsageError}
 */
export function pluginCommand(argv: readonly string[], terminal: Terminal, version: string): number {
  const { values, positionals } = parse(argv);
  if (values.help) {
    terminal.out(USAGE);
    return ExitCode.OK;
  }
  const [command, name, ...others] = positionals;
  if (command !== "new") throw new UsageError(command === undefined ? USAGE : `unknown command '${command}'\n${USAGE}`);
  if (name === undefined || others.length > 0) throw new UsageError("new takes the name of one plugin");
  checkName(name);
  const { kind } = values;
  if (!Object.hasOwn(KINDS, kind)) throw new UsageError(`--kind: '${kind}' is none of ${Object.keys(KINDS).join(", ")}`);
  const folder = resolve(values.folder ?? `cygnet-plugin-${name}`);
  checkFolder(folder);
  if (values.link && cloneFolder() === undefined) throw new UsageError("--link: this cygnet does not run from a clone");
  const files = packageFiles({ name, kind, version });
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { flag: "wx" });
    }
    if (values.link) linkPackages(folder);
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error)) throw error;
    terminal.err(`cygnet plugin: ${error.message}\n`);
    return ExitCode.FAILED;
  }
  const below = relative(process.cwd(), folder) || ".";
  const place = below.startsWith("..") ? folder : below;
  terminal.out([...[...files.keys()].sort().map((path) => join(place, path)), ""].join("\n"));
  const steps = [`cd ${place}`, ...(values.link ? [] : ["npm install"]), "npm run build", "npm test"];
  terminal.out(`\nNext:\n${steps.map((step) => `  ${step}\n`).join("")}`);
  return ExitCode.OK;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        kind: { type: "string", default: DEFAULT_KIND },
        folder: { type: "string" },
        link: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** Of a package and of a section in strongswan.conf. @throws {UsageError} */
function checkName(name: string): void {
  if (name.startsWith("cygnet-plugin-")) throw new UsageError(`the plugin's name is '${name.slice("cygnet-plugin-".length)}'`);
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name))
    throw new UsageError(`'${name}' is no plugin name: small letters, digits, '-' and '_' make one`);
  if (isTaken(name)) throw new UsageError(`'${name}' is cygnet's own, which would be loaded instead: take another name`);
}

/** A daemon looks among its own packages first. */
function isTaken(name: string): boolean {
  if (name === "charon" || CORE_PARTS.includes(name)) return true;
  const found = new PackageSource({ folders: [] }).describe({ name, package: undefined });
  return found?.name?.startsWith("@cygnet/") ?? false;
}

/** Nothing is overwritten. @throws {UsageError} */
function checkFolder(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new UsageError(`'${folder}' is no folder`);
  if (readdirSync(folder).length > 0) throw new UsageError(`'${folder}' is not empty`);
}
