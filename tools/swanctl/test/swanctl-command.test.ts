import { CollectingTerminal } from "@cygnet/command/testing";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { swanctlCommand } from "../src/swanctl-command.js";
import type { SwanctlSystem } from "../src/context.js";
import { FakeCharon } from "./fake-charon.js";

const SYSTEM: SwanctlSystem = {
  env: { STRONGSWAN_CONF: "/nonexistent/strongswan.conf" },
  interrupted: new Promise(() => undefined),
  now: () => 0,
  askPassphrase: () => Promise.resolve(undefined),
};

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "cygnet-swanctl-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

async function swanctl(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  const terminal = new CollectingTerminal();
  const code = await swanctlCommand(argv, terminal, "1.2.3", { ...SYSTEM, env: { ...SYSTEM.env, ...env } });
  return { code, out: terminal.output, err: terminal.errors };
}

async function charon(): Promise<FakeCharon> {
  const fake = await FakeCharon.listen(join(folder(), "vici"));
  onTestFinished(() => fake.close());
  return fake;
}

it("lists its commands, and the options of one", async () => {
  expect((await swanctl(["--help"])).out).toContain("--list-sas         (-l)  list currently active IKE_SAs\n");
  expect((await swanctl(["-l", "--help"])).out).toContain("--ike-id       (-I)  by unique identifier of the IKE_SA\n");
  expect(await swanctl(["--bogus"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("Error: invalid operation") as string,
  });
  expect(await swanctl(["--list-sas", "--bogus"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("Error: invalid options") as string,
  });
});

it("tells its version without a daemon", async () => {
  expect(await swanctl(["--version"])).toEqual({ code: 0, out: "cygnet swanctl 1.2.3\n", err: "" });
});

it("says why there is no daemon", async () => {
  const uri = `unix://${join(folder(), "vici")}`;
  expect(await swanctl(["--stats", "--uri", uri])).toEqual({
    code: 2,
    out: "",
    err: `connecting to '${uri}' failed: No such file or directory\n`,
  });
});

it("unloads nothing where swanctl.conf is missing or broken", async () => {
  const fake = await charon();
  const file = join(folder(), "swanctl.conf");
  await expect(swanctl(["--load-all", "--file", file, "--uri", fake.uri])).rejects.toMatchObject({ code: "CYG_CLI_USAGE" });
  writeFileSync(file, "connections {\n  gw {\n");
  await expect(swanctl(["--load-conns", "--file", file, "--uri", fake.uri])).rejects.toThrow(`${file}:`);
  expect(fake.requests).toEqual([]);
});

it("finds the daemon by swanctl.socket of strongswan.conf", async () => {
  const fake = await charon();
  const file = join(folder(), "strongswan.conf");
  writeFileSync(file, `swanctl {\n  socket = ${fake.uri}\n}\n`);
  fake.answers.set("get-conns", { conns: ["old"] });
  const conf = join(folder(), "swanctl.conf");
  writeFileSync(conf, "connections { new { remote_addrs = a , b } }");
  expect(await swanctl(["--load-conns", "-f", conf], { STRONGSWAN_CONF: file })).toEqual({
    code: 0,
    out: "loaded connection 'new'\nsuccessfully loaded 1 connections, 1 unloaded\n",
    err: "",
  });
  expect(fake.requests).toEqual([
    ["get-conns", {}],
    ["load-conn", { new: { remote_addrs: ["a", "b"] } }],
    ["unload-conn", { name: "old" }],
  ]);
});

it("prints messages as lines of JSON, and ends with the failure", async () => {
  const fake = await charon();
  fake.answers.set("terminate", { success: false, errmsg: "no matching SAs to terminate found" });
  expect(await swanctl(["-t", "-i", "net", "--json", "-u", fake.uri])).toEqual({
    code: 1,
    out: `{"reply":"terminate","message":{"success":"no","errmsg":"no matching SAs to terminate found"}}\n`,
    err: "",
  });
  expect(await swanctl(["-t", "-i", "net", "--debug", "-1", "-u", fake.uri])).toEqual({ code: 1, out: "", err: "" });
});
