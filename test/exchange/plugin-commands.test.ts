import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ControlCommands, CygnetError, PLUGIN_API, StreamServices, custom, definePlugin } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
import stroke from "@cygnet/plugin-stroke";
import vici from "@cygnet/plugin-vici";
import { testHost } from "@cygnet/plugin-testkit";
import type { TestHost } from "@cygnet/plugin-testkit";
import { CollectingTerminal } from "@cygnet/command/testing";
import { pluginsCommand } from "@cygnet/plugins";
import { strokeCommandRequest, strokeRequest } from "@cygnet/starter";
import { ViciClient } from "@cygnet/vici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** Counts what it is told to, and says so. */
const acme = definePlugin({
  name: "acme",
  api: PLUGIN_API,
  features: () => [
    {
      provides: custom("acme"),
      on: "control",
      register: ({ resolve }) => {
        const commands = resolve(ControlCommands);
        let total = 0;
        const undos = [
          commands.addCommand({
            name: "acme-add",
            description: "adds numbers to the total",
            run: async ({ number = [] }) => {
              await Promise.resolve();
              const numbers = [number].flat().map(Number);
              if (numbers.some(Number.isNaN)) throw new CygnetError("ACME_NUMBER", "these are no numbers");
              for (const each of numbers) total += each;
              return { total, last: { numbers, isOdd: total % 2 === 1 } };
            },
          }),
          commands.addStatus({ name: "acme", lines: () => [`the total is ${total}`, "two\nlines"] }),
        ];
        return () => undos.forEach((undo) => void undo());
      },
    },
  ],
});

describe("a plugin's commands and status lines", () => {
  let host: TestHost;
  let socket: (file: string) => string;
  beforeEach(async () => {
    host = await testHost({ plugins: [acme, vici, stroke] as unknown as Plugin[] });
    const { pidDir } = host.resolve(StreamServices);
    socket = (file) => `unix://${pidDir}/${file}`;
  });
  afterEach(async () => {
    await host.unload();
    expect(host.leftovers()).toEqual([]);
  });

  const call = async (...names: readonly string[]) => {
    const terminal = new CollectingTerminal();
    const conf = join(host.resolve(StreamServices).pidDir, "strongswan.conf");
    writeFileSync(conf, "");
    const code = await pluginsCommand(["call", ...names, "--conf", conf, "--socket", socket("charon.vici")], terminal);
    return { code, output: terminal.output, errors: terminal.errors };
  };
  const statusall = async (): Promise<string[]> => {
    const chunks: Uint8Array[] = [];
    await strokeRequest(socket("charon.ctl"), strokeCommandRequest(["statusall"]), {
      onData: (chunk) => void chunks.push(chunk),
    });
    return Buffer.concat(chunks).toString().split("\n");
  };

  it("are called over vici, with texts, lists and sections", async () => {
    const client = await ViciClient.connect(socket("charon.vici"));
    expect((await client.request("acme-add", { number: "3" })).toJSON()).toEqual({
      success: "yes",
      total: "3",
      last: { numbers: ["3"], isOdd: "yes" },
    });
    expect((await client.request("stats")).list("plugin-status")).toEqual(["acme: the total is 3", "acme: two lines"]);
    await expect(client.request("acme-add", { number: "many" })).rejects.toThrow(/^these are no numbers$/);
    client.close();
  });

  it("are listed and called by cygnet plugins call", async () => {
    expect(await call()).toEqual({ code: 0, output: "acme-add: adds numbers to the total\n", errors: "" });
    const { output } = await call("acme-add", "number=2", "number=4");
    expect(output).toBe("total: 6\nlast:\n  numbers:\n    2\n    4\n  isOdd: no\n");
    expect((await call("acme-add", "--json")).output).toBe('{"total":"6","last":{"numbers":[],"isOdd":"no"}}\n');
    expect(await call("acme-add", "number=x")).toEqual({ code: 1, output: "", errors: "these are no numbers\n" });
    expect(await call("acme-sub")).toMatchObject({ code: 1, errors: expect.stringMatching(/has no command 'acme-sub'\n$/) });
    await expect(call("acme-add", "number")).rejects.toThrow("call: 'number' is not KEY=VALUE");
  });

  it("are in statusall below the plugins", async () => {
    await call("acme-add", "number=5");
    const lines = await statusall();
    const at = lines.findIndex((line) => line.startsWith("  loaded plugins: "));
    expect(lines.slice(at + 1, at + 3)).toEqual(["  acme: the total is 5", "  acme: two lines"]);
  });

  it("hold statusall up for a second of the daemon's time at most", async () => {
    const undo = host.resolve(ControlCommands).addStatus({ name: "slow", lines: () => new Promise(() => undefined) });
    const lines = statusall();
    // Time goes on as soon as the daemon waits for it.
    const clock = setInterval(() => host.clock.advance(100), 1);
    expect((await lines).filter((line) => /^ {2}(acme|slow): /.test(line))).toEqual([
      "  acme: the total is 0",
      "  acme: two lines",
    ]);
    clearInterval(clock);
    expect(host.daemon.lines()).toContain("status of plugin 'slow' has not answered on lines within 1 s, going on without it");
    undo();
  });

  it("cannot be called what another one is, or what no command can be", () => {
    const commands = host.resolve(ControlCommands);
    const named = (name: string) => () => commands.addCommand({ name, description: "", run: () => ({}) });
    expect(named("acme-add")).toThrow("there is a command 'acme-add' already");
    for (const name of ["", "Acme", "a b", "x".repeat(256)]) expect(named(name), name).toThrow("is no name for a command");
  });
});
