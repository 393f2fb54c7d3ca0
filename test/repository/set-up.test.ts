import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildFingerprint, packageFolders } from "../../tools/setup/fingerprint.mjs";
import { addUp, closingLine, failedLines, skippedLines, skippedPeers } from "../../tools/setup/tally.mjs";
import { packageFolders as packagesOfTests, root } from "./workspace.js";

describe("the fingerprint that spares a second start the set-up", () => {
  let tree: string;
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  };

  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), "cygnet-fingerprint-"));
    write("package.json", JSON.stringify({ workspaces: ["core/*", "native"] }));
    write("package-lock.json", "{}");
    write("core/wire/package.json", "{}");
    write("core/wire/src/payloads/nonce.ts", "export {};");
    write("core/wire/dist/index.js", "");
    write("native/package.json", "{}");
    write("native/addon/udp/socket.cc", "int main;");
    write("native/build/Release/cygnet.node", "");
    write("node_modules/.package-lock.json", "{}");
  });

  afterEach(() => rmSync(tree, { recursive: true, force: true }));

  it("stays the same while nothing changes", () => {
    expect(buildFingerprint(tree)).toBe(buildFingerprint(tree));
  });

  it.each([
    ["an edited source", () => write("core/wire/src/payloads/nonce.ts", "export const a = 1;")],
    ["a new source", () => write("core/wire/src/payloads/ke.ts", "")],
    ["a removed source", () => rmSync(join(tree, "core/wire/src/payloads/nonce.ts"))],
    ["an edited C++ source", () => write("native/addon/udp/socket.cc", "int other;")],
    ["a source checked out with the same size", () => write("core/wire/src/payloads/nonce.ts", "export {}; ".trim())],
    ["a source put back to an older time", () => utimesSync(join(tree, "core/wire/src/payloads/nonce.ts"), 1, 1)],
    ["another lock file", () => write("package-lock.json", "{ }")],
    ["a new package", () => write("core/ike/package.json", "{}")],
    ["a removed build", () => rmSync(join(tree, "core/wire/dist"), { recursive: true })],
    ["a removed addon", () => rmSync(join(tree, "native/build"), { recursive: true })],
    ["removed npm packages", () => rmSync(join(tree, "node_modules"), { recursive: true })],
  ])("changes with %s", (_, change) => {
    const before = buildFingerprint(tree);
    change();
    expect(buildFingerprint(tree)).not.toBe(before);
  });

  it("does not change with what is not built from", () => {
    const before = buildFingerprint(tree);
    write("README.md", "text");
    write("core/wire/test/nonce.test.ts", "text");
    expect(buildFingerprint(tree)).toBe(before);
  });

  it("covers the packages of this repository", () => {
    expect(packageFolders()).toEqual(packagesOfTests());
  });
});

describe("the closing line of npm test", () => {
  const unit = { passed: 10, failures: ["core/b.test.ts: adds\nfor ever"], skipped: [] };
  const skipped = [
    { file: "test/interop/psk.test.ts", name: "initiates", reason: "not root" },
    { file: "test/interop/psk.test.ts", name: "responds", reason: "not root" },
    { file: "core/a.test.ts", name: "needs a name database" },
  ];
  const total = addUp([unit, { passed: 2, failures: [], skipped }]);

  it("counts all runs", () => {
    expect(closingLine(total)).toBe("12 passed, 1 failed, 3 skipped");
  });

  it("comes after the reasons of what was skipped", () => {
    expect(skippedLines(total)).toBe(
      "skipped 2 in test/interop/psk.test.ts: not root\nskipped 1 in core/a.test.ts: needs a name database\n",
    );
  });

  it("comes after what failed, a line each", () => {
    expect(failedLines(total)).toBe("failed core/b.test.ts: adds\n");
  });

  it("knows what CI does not let pass: tests with real peers", () => {
    expect(skippedPeers(total)).toHaveLength(2);
  });
});

describe("the documents at the root", () => {
  it("name only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
    for (const file of ["README.md", "CONTRIBUTING.md", ".ci/run", "docs/architecture.md"]) {
      const text = readFileSync(join(root, file), "utf8");
      for (const [, name] of text.matchAll(/npm run (?:--silent )?([\w:-]+)/g))
        expect(Object.keys(scripts), `${file}: ${name}`).toContain(name);
    }
  });

  it("link only to files that exist", () => {
    const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" });
    const files = listed.stdout.split("\n").filter((file) => file !== "" && !file.startsWith("docs/api/"));
    const broken: string[] = [];
    for (const file of files) {
      const text = readFileSync(join(root, file), "utf8");
      for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)) {
        if (spawnSync("test", ["-e", join(root, dirname(file), target)]).status !== 0) broken.push(`${file}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });
});
