// libreswan as a second peer for the interop tests. Its package conflicts with strongSwan's, so it is unpacked into a cache, never installed.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { run, step } from "./steps.mjs";

/** Where it is unpacked: the tests run `usr/libexec/ipsec/pluto` there, with `usr/lib/*-linux-gnu` as its library path. */
export function libreswanFolder() {
  return (
    process.env["CYGNET_LIBRESWAN"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "cygnet", "libreswan")
  );
}

/** Whether libreswan is unpacked there. */
export function hasLibreswan() {
  return existsSync(join(libreswanFolder(), "usr/libexec/ipsec/pluto"));
}

/**
 * Downloads libreswan with the libraries that this host lacks, and unpacks them.
 * @throws {SetupError} when apt cannot get them
 */
export async function unpackLibreswan() {
  await step("unpacking libreswan beside the system", async () => {
    const folder = libreswanFolder();
    mkdirSync(dirname(folder), { recursive: true });
    const work = mkdtempSync(`${folder}-`);
    try {
      await run("apt-get", ["update", "-qq"]);
      await run("apt-get", ["download", "-qq", "-o", "APT::Sandbox::User=root", "libreswan", ...(await missingLibraries())], {
        cwd: work,
      });
      const content = join(work, "content");
      for (const file of readdirSync(work).filter((name) => name.endsWith(".deb")))
        await run("dpkg", ["-x", join(work, file), content]);
      rmSync(folder, { recursive: true, force: true });
      renameSync(content, folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

/** The libraries that apt would install beside libreswan, from a simulation. Its other dependencies are tools that a lone pluto never calls. */
async function missingLibraries() {
  const plan = await run("apt-get", ["--simulate", "--no-install-recommends", "install", "libreswan"]);
  const names = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]);
  return names.filter((name) => /^lib(?!reswan$).*(?<!-dev)$/.test(name));
}
