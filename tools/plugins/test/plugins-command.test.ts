import { CollectingTerminal } from "@cygnet/command/testing";
import { parseSettings } from "@cygnet/settings";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { pluginsCommand } from "../src/index.js";

let folder: string;
let conf: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-plugins-"));
  conf = join(folder, "strongswan.conf");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const LOAD = "load = random nonce sha1 socket-default attr";

const write = (...lines: readonly string[]): void => writeFileSync(conf, `charon {\n${lines.join("\n")}\n}\n`);

async function run(...words: readonly string[]) {
  const terminal = new CollectingTerminal();
  const code = await pluginsCommand([...words, "--conf", conf, "--piddir", folder], terminal);
  return { code, output: terminal.output, errors: terminal.errors };
}

describe("cygnet plugins", () => {
  it("lists what a daemon would load, what would fail and why, and what is installed", async () => {
    write("load = random unity attr", "plugins {", "attr {", "dns = 10.0.0.1", "}", "}");
    const { code, output } = await run();
    expect(code).toBe(0);
    expect(output).toContain(`No daemon was asked. With ${conf} one would have:`);
    expect(output).toMatch(/^random +0\.1\.0 +loaded +all threads +2 +Random numbers from the kernel$/m);
    expect(output).toMatch(/^unity +failed +not available in this release$/m);
    expect(output).toMatch(/^attr +0\.1\.0 +loaded +control +1 +/m);
    expect(output).toMatch(/^vici +0\.1\.0 +installed +/m);
  });

  it("shows features and options, with values and places", async () => {
    write("load = attr", "plugins {", "attr {", "dns = 10.0.0.1", "28673 = x", "}", "}");
    const { output } = await run("show", "attr");
    expect(output).toContain(`  CUSTOM:attr on control\n`);
    expect(output).toContain(`  charon.plugins.attr.dns = 10.0.0.1 (${conf}:5, reloadable)\n`);
    expect(output).toContain(`  charon.plugins.attr.28673 = x (${conf}:6, reloadable)\n`);
    expect(output).toContain("  charon.plugins.attr.nbns = (default, reloadable)\n");
    const { plugins } = JSON.parse((await run("show", "attr", "--json")).output) as { readonly plugins: readonly unknown[] };
    expect(plugins).toMatchObject([{ name: "attr", state: "loaded", features: [{ feature: "CUSTOM:attr", on: "control" }] }]);
    expect(await run("show", "nothing")).toMatchObject({ code: 1, errors: "there is no plugin 'nothing'\n" });
  });

  it("says where no daemon is that was named, and refuses what it cannot use", async () => {
    write("load = attr");
    const socket = `unix://${join(folder, "none.vici")}`;
    expect(await run("--socket", socket)).toMatchObject({ code: 1, errors: `no daemon is at '${socket}'\n` });
    await expect(run("lits")).rejects.toThrow("unknown command 'lits'");
    write("port = x");
    await expect(run()).rejects.toThrow(`${conf}:2:1: charon.port: 'x' is not a number`);
    writeFileSync(conf, "charon {");
    await expect(run("doctor")).rejects.toThrow(`${conf}:1`);
  });
});

describe("cygnet plugins doctor", () => {
  it("has nothing to say of a configuration in order", async () => {
    write(LOAD);
    const { code, output } = await run("doctor");
    expect([code, output.trimEnd().split("\n").at(-1)]).toEqual([0, "Nothing is amiss."]);
    expect(output).toMatch(/^ +1 {2}random: RNG:RNG_STRONG RNG:RNG_TRUE$/m);
  });

  it("tells what is missing and unused, and whether that is fatal", async () => {
    write(`${LOAD} none! dhcp`, "prot = 1", "plugins {", "dhcp {", "server = 10.0.0.1", "}", "}");
    const { code, output } = await run("doctor", "--json");
    expect(code).toBe(66);
    expect(JSON.parse(output)).toMatchObject({
      missing: [
        { plugin: "none", critical: true, reason: "not installed" },
        { plugin: "dhcp", critical: false, reason: "not available in this release" },
      ],
      unused: [`${conf}:5: plugin 'dhcp' is not loaded, its options are unused`, `${conf}:3: unknown option 'charon.prot'`],
      refusals: ["loading critical plugin 'none' failed"],
    });
    write("load = random nonce sha1 socket-default hmac");
    expect((await run("doctor")).output).toContain("PRF:PRF_HMAC_MD5 of plugin 'hmac': unmet dependency: HASHER:HASH_MD5");
    write("load = random nonce sha1");
    const { output: text } = await run("doctor");
    expect(text).toContain("CUSTOM:libcharon-receiver of critical plugin 'charon': unmet dependency: CUSTOM:socket");
  });
});

describe("cygnet plugins doctor on included files", () => {
  it("tells of those that cannot be opened, are not there, or include themselves", async () => {
    mkdirSync(join(folder, "attr.conf"));
    writeFileSync(join(folder, "own.conf"), "include strongswan.conf\n");
    writeFileSync(conf, `charon {\n${LOAD}\n}\ninclude attr.conf\ninclude none.conf\ninclude own.conf\n`);
    const { code, output } = await run("doctor");
    expect(code).toBe(1);
    const warnings = (JSON.parse((await run("doctor", "--json")).output) as { readonly warnings: readonly string[] }).warnings;
    expect(warnings).toEqual([
      `unable to open '${folder}/attr.conf'`,
      `no files found matching '${folder}/none.conf'`,
      `${folder}/own.conf:1: '${conf}' includes itself, ignored`,
    ]);
    for (const warning of warnings) expect(output).toContain(`\n  ${warning}\n`);
  });
});

describe("cygnet plugins enable and disable", () => {
  const snippet = (name: string): string => join(folder, "strongswan.d/charon", `${name}.conf`);
  const value = (name: string): string | undefined =>
    parseSettings(readFileSync(snippet(name), "utf8")).settings.getString(`${name}.load`);
  const withFolder = (...lines: readonly string[]): void => {
    mkdirSync(join(folder, "strongswan.d/charon"), { recursive: true });
    write(...lines, "plugins {", "include strongswan.d/charon/*.conf", "}");
  };

  it("edit the snippet, keep the rest of it, its mode, and leave nothing beside it", async () => {
    withFolder("load_modular = yes");
    const text = "attr {\n\n    # Whether to load the plugin.\n    load = yes\n}\n";
    writeFileSync(snippet("attr"), text);
    chmodSync(snippet("attr"), 0o640);
    expect(await run("disable", "attr")).toEqual({
      code: 0,
      output: `${snippet("attr")}:4: load = no; it takes effect when the daemon is started again\n`,
      errors: "",
    });
    expect(readFileSync(snippet("attr"), "utf8")).toBe(text.replace("= yes", "= no"));
    expect(statSync(snippet("attr")).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(folder, "strongswan.d/charon"))).toEqual(["attr.conf"]);
    expect((await run("disable", "attr")).output).toBe(`${snippet("attr")}:4: 'load = no' already\n`);
    await run("enable", "attr", "--priority", "5");
    expect(value("attr")).toBe("5");
    expect((await run()).output).toMatch(/^attr +0\.1\.0 +loaded/m);
  });

  it("make a snippet where there is none", async () => {
    withFolder("load_modular = yes");
    await run("enable", "attr");
    expect(value("attr")).toBe("yes");
    withFolder("load = attr random");
    await run("disable", "random");
    expect((await run()).output).toMatch(/^random +0\.1\.0 +installed/m);
  });

  it("say in one line why they cannot, and write nothing then", async () => {
    write("load_modular = yes");
    expect((await run("enable", "attr")).errors).toMatch(
      /^.*strongswan\.conf includes no folder of snippets for plugins: add 'include .*\n$/,
    );
    withFolder("load_modular = yes");
    expect((await run("enable", "none")).errors).toBe("there is no plugin 'none': install it first\n");
    withFolder("load = random");
    expect((await run("enable", "attr")).errors).toMatch(
      /^load = yes would have no effect, as .*\(.*strongswan\.conf:2\) does not name 'attr'/,
    );
    write("load_modular = yes", "plugins {", "include strongswan.d/charon/*.conf", "attr {", "load = no", "}", "}");
    expect((await run("enable", "attr")).errors).toMatch(
      /strongswan\.conf:6 comes after .*attr\.conf and decides on plugin 'attr'/,
    );
    expect(readdirSync(join(folder, "strongswan.d/charon"))).toEqual([]);
    withFolder("load_modular = yes");
    writeFileSync(snippet("attr"), "attr {\n");
    await expect(run("disable", "attr")).rejects.toThrow("syntax error");
    await expect(run("disable")).rejects.toThrow("takes the name of one plugin");
  });

  it("say so of a snippet that cannot be read", async () => {
    withFolder("load_modular = yes");
    mkdirSync(snippet("attr"));
    const { code, errors } = await run("enable", "attr");
    expect([code, errors]).toEqual([1, `${snippet("attr")} cannot be read: EISDIR: illegal operation on a directory, read\n`]);
  });

  it("do not take a folder that is included elsewhere for one of snippets", async () => {
    mkdirSync(join(folder, "strongswan.d"), { recursive: true });
    write("load_modular = yes", "include strongswan.d/*.conf");
    expect((await run("enable", "attr")).code).toBe(1);
  });
});
