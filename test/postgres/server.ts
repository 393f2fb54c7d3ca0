import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { accessSync, chownSync, constants, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** Where Debian has the programs, which are in nobody's PATH there. */
const DEBIAN = ["15", "16", "17"].map((version) => `/usr/lib/postgresql/${version}/bin`);

/** Why there is no server to test with, undefined where there is. @throws in CI, where there has to be one */
export function postgresReason(): string | undefined {
  const reason = missing();
  if (reason !== undefined && process.env["CI"] === "true") throw new Error(`CI tests with PostgreSQL: ${reason}`);
  return reason;
}

function missing(): string | undefined {
  if (binFolder() === undefined) return "PostgreSQL is not installed";
  if (process.getuid?.() === 0 && spawnSync("setpriv", ["--version"]).error)
    return "setpriv is missing, and PostgreSQL does not run as root";
  return process.getuid?.() === 0 && postgresUser() === undefined ? "there is no user postgres" : undefined;
}

/** A server of its own, which is reached by a socket in a temporary folder. */
export class PostgresServer {
  private constructor(
    private readonly folder: string,
    private child: ChildProcess,
  ) {}

  /** What clients connect with. */
  get url(): string {
    return `postgresql://cygnet@/postgres?host=${encodeURIComponent(this.folder)}`;
  }

  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-postgres-"));
    const user = postgresUser();
    if (user) chownSync(folder, user.uid, user.gid);
    mkdirSync(join(folder, "data"), { mode: 0o700 });
    if (user) chownSync(join(folder, "data"), user.uid, user.gid);
    const options = ["-D", join(folder, "data"), "-A", "trust", "-U", "cygnet", "-E", "UTF8", "--locale=C", "--no-sync"];
    const { status, stderr } = spawnSync(...asUser("initdb", options), { encoding: "utf8", cwd: folder });
    if (status !== 0) throw new Error(`initdb failed:\n${stderr}`);
    return new PostgresServer(folder, await serve(folder));
  }

  /** Ends it as a crash does, and starts it again with what it had. */
  async restart(): Promise<void> {
    await this.#end("SIGQUIT");
    this.child = await serve(this.folder);
  }

  async stop(): Promise<void> {
    await this.#end("SIGINT");
    rmSync(this.folder, { recursive: true, force: true });
  }

  #end(signal: NodeJS.Signals): Promise<void> {
    return new Promise((resolve) => {
      this.child.once("exit", () => resolve());
      this.child.kill(signal);
    });
  }
}

/** Resolves when it takes connections. */
function serve(folder: string): Promise<ChildProcess> {
  const args = ["-D", join(folder, "data"), "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"];
  return new Promise((resolve, reject) => {
    const child = spawn(...asUser("postgres", args), { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
      said += piece;
      if (said.includes("ready to accept connections")) resolve(child);
    });
    child.once("error", reject).once("exit", () => reject(new Error(`postgres ended:\n${said}`)));
  });
}

/** It refuses to run as root. `setpriv` becomes the program, so that signals reach it. */
function asUser(program: string, args: readonly string[]): [string, string[]] {
  const path = join(binFolder() ?? "", program);
  const user = postgresUser();
  if (!user) return [path, [...args]];
  return ["setpriv", [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", path, ...args]];
}

/** Undefined where we need be nobody else. */
function postgresUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  const [uid, gid] = ["-u", "-g"].map((option) => spawnSync("id", [option, "postgres"], { encoding: "utf8" }));
  return uid?.status === 0 && gid?.status === 0 ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : undefined;
}

function binFolder(): string | undefined {
  return [...DEBIAN, ...(process.env["PATH"] ?? "").split(delimiter)].map(folderOf).find((folder) => folder !== undefined);
}

/** The folder where the programs really are, which look for each other beside themselves. */
function folderOf(folder: string): string | undefined {
  try {
    accessSync(join(folder, "initdb"), constants.X_OK);
    return dirname(realpathSync(join(folder, "initdb")));
  } catch {
    return undefined;
  }
}
