import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { BUILD_PACKAGES } from "../../tools/setup/system-packages.mjs";
import { manifest, root } from "../repository/workspace.js";

const read = (file: string): string => readFileSync(join(root, file), "utf8");
/** The instructions, each on one line. */
const DOCKERFILE = read("packaging/Dockerfile")
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/ *\\\n */g, " ")
  .split("\n")
  .filter((line) => line !== "");
const all = (instruction: string): string[] =>
  DOCKERFILE.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

it("the image installs what the set-up would", () => {
  const [build] = all("RUN");
  const [, packages = ""] = /--no-install-recommends ([^&]+) &&/.exec(build) ?? [];
  expect(packages.split(" ").sort()).toEqual(Object.keys(BUILD_PACKAGES).sort());
});

it("the image has a Node.js that is supported, in both stages the same", () => {
  const versions = all("FROM").map((line) => /^node:(\d+)-(\w+)/.exec(line)?.slice(1));
  expect(versions).toHaveLength(2);
  expect(versions[0]).toEqual(versions[1]);
  const [, oldest] = /^>=(\d+)/.exec(manifest(".").engines?.["node"] ?? "") ?? [];
  expect(Number(versions[0]?.[0])).toBeGreaterThanOrEqual(Number(oldest));
});

it("the image is built with a script that there is, and runs a command that there is", () => {
  const scripts = DOCKERFILE.flatMap((line) => line.match(/npm run ([\w-]+)/)?.slice(1) ?? []);
  expect(scripts).toEqual(["set-up"]);
  expect(manifest(".").scripts).toHaveProperty("set-up");
  const [, command = ""] = /ln -s \/opt\/cygnet\/(\S+) \/usr\/local\/bin\/cygnet$/m.exec(DOCKERFILE.join("\n")) ?? [];
  expect(existsSync(join(root, command)), command).toBe(true);
  expect([all("ENTRYPOINT"), all("CMD")]).toEqual([['["cygnet"]'], ['["charon"]']]);
});

it("the image has the configurations that its commands read where nothing is mounted", () => {
  const [, folder, files = ""] = /^mkdir (\S+) && touch (.*)$/m.exec(all("RUN").join("\n")) ?? [];
  expect([folder, ...files.split(" ")]).toEqual(["/etc/swanctl", "/etc/strongswan.conf", "/etc/swanctl/swanctl.conf"]);
});

it("the set-up runs no scripts of packages: npm's own for the addon would fetch headers from elsewhere, and build what is built again", () => {
  expect(read("tools/setup/prepare.mjs")).toMatch(/run\("npm", \["ci", "--ignore-scripts"/);
});

it("what stays out of the image is nothing that its build needs", () => {
  const ignored = read("packaging/Dockerfile.dockerignore").trim().split("\n");
  // As git ignores them, but for its own folder.
  const byGit = read(".gitignore");
  for (const line of ignored.filter((entry) => entry !== ".git")) {
    const name = line
      .replace(/^\*\*\//, "")
      .split("/")
      .at(-1)!;
    expect(byGit, line).toContain(name);
  }
});

it("the README names the commands of the Dockerfile and the units", () => {
  const readme = read("packaging/README.md");
  expect(readme).toContain(read("packaging/Dockerfile").match(/docker build .*/)?.[0]);
  expect(readme).toContain(all("RUN").find((line) => line.startsWith("ln -s")));
  const [, capabilities = ""] = /^CapabilityBoundingSet=(.*)$/m.exec(read("packaging/systemd/cygnet.service")) ?? [];
  for (const name of capabilities.split(" ")) expect(readme).toContain(`--cap-add ${name.replace("CAP_", "")}`);
});
