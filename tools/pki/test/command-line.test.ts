import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { COMMANDS, UNSUPPORTED } from "../src/commands/index.js";
import { optionsOf } from "../src/options/common.js";
import { folder, runPki, vector } from "./run-pki.js";

it("every command's options have letters and names of their own", () => {
  for (const command of COMMANDS) {
    const options = optionsOf(command);
    expect(new Set(options.map(({ letter }) => letter)).size, command.name).toBe(options.length);
    expect(new Set(options.map(({ name }) => name)).size, command.name).toBe(options.length);
  }
});

it("commands are listed, and the options of each", async () => {
  expect((await runPki([])).text).toContain("--signcrl  (-c)  issue a CRL");
  for (const { name, letter, options } of COMMANDS) {
    for (const call of [
      [`--${name}`, "--help"],
      [`-${letter}`, "-h"],
    ]) {
      const { code, text } = await runPki(call);
      expect(code).toBe(0);
      for (const option of options) expect(text).toContain(`--${option.name}`);
    }
  }
});

it("commands that are not there are refused by name", async () => {
  for (const [name, letter] of UNSUPPORTED) {
    for (const word of [`--${name}`, `-${letter}`]) {
      const { code, errors } = await runPki([word]);
      expect([code, errors.split("\n")[0]]).toEqual([1, `Error: --${name} is not supported by this version of cygnet`]);
    }
  }
  expect((await runPki(["gen"])).errors).toMatch(/^Error: invalid operation 'gen'\nusage:/);
});

it.each([
  ["--gen", "--bogus"],
  ["--gen", "extra"],
  ["--self", "--dn"],
  ["--self"],
  ["--req"],
  ["--issue"],
  ["--issue", "--cacert", "x"],
  ["--print", "--type", "foo"],
  ["--keyid", "--keyid", "01"],
  ["--verify", "--online"],
  ["--pub", "--debug", "7"],
])("%s %s is answered with the usage of the command", async (command, ...rest) => {
  const { code, errors, text } = await runPki([command, ...rest]);
  expect([code, text]).toEqual([1, ""]);
  expect(errors).toMatch(new RegExp(`^Error: .*\nusage:\n {2}cygnet pki ${command} `));
});

it("options come from a file, too", async () => {
  const file = join(folder(), "pki.opt");
  writeFileSync(file, `--in "${vector("ed25519.pem")}" --id spk # a key\n--format hex`);
  expect((await runPki(["--keyid", "--options", file])).text).toMatch(/^[0-9a-f]{40}\n$/);
});

it("level 0 tells errors only, level -1 not even these", async () => {
  const verify = ["--verify", "--in", vector("ca.pem"), "--debug"];
  expect((await runPki([...verify, "1"])).errors).toContain("using trusted certificate");
  expect((await runPki([...verify, "0"])).errors).toBe("");
  const broken = ["--print", "--in", vector("rsa.pem"), "--debug"];
  expect((await runPki([...broken, "0"])).errors).toContain("has no certificate");
  expect(await runPki([...broken, "-1"])).toMatchObject({ code: 1, errors: "", text: "" });
});
