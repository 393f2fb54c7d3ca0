import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CLI, run } from "./cli-process.js";

/** In a session without a terminal, where passphrases come from the standard input. */
function pki(args: readonly string[], input: Buffer | string = ""): { code: number | null; output: Buffer; errors: string } {
  const { status, stdout, stderr } = spawnSync("setsid", ["-w", process.execPath, CLI, ...args], { input });
  return { code: status, output: stdout, errors: stderr.toString() };
}

describe.each([[["pki"]], [["ipsec", "pki"]]])("cygnet %j", (command) => {
  it("reads and writes octets", () => {
    const { code, output } = pki([...command, "--gen", "--type", "ed448"]);
    expect(code).toBe(0);
    const key = createPrivateKey({ key: output, format: "der", type: "pkcs8" });
    expect(pki([...command, "--pub"], output).output).toEqual(createPublicKey(key).export({ format: "der", type: "spki" }));
  });

  it("ends with the code of its command", async () => {
    expect((await run([...command, "--print", "--in", "/nonexistent"])).errors).toBe(
      "opening '/nonexistent' failed: No such file or directory\n",
    );
    expect(await run([...command, "--bogus"])).toMatchObject({ code: 1, output: "" });
  });
});

it("cygnet pki has the key from the standard input, too, with nobody to ask for its passphrase", () => {
  const locked = generateKeyPairSync("ed25519").privateKey.export({
    format: "pem",
    type: "pkcs8",
    cipher: "aes-256-cbc",
    passphrase: "x",
  });
  const { code, output, errors } = pki(["pki", "--keyid"], locked);
  expect([code, output.length]).toEqual([1, 0]);
  expect(errors).toBe("Private key passphrase: standard input: the private key is locked, and that is not its passphrase\n");
});

it("cygnet pki takes a passphrase from the standard input", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const locked = privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "open" });
  // A file descriptor beside the standard input, so that no file is needed.
  const script = `exec "$@" 3<<'END'\n${locked.toString()}END\n`;
  const args = ["-w", "sh", "-c", script, "sh", process.execPath, CLI, "pki", "--pub", "--in", "/dev/fd/3"];
  const { status, stdout } = spawnSync("setsid", args, { input: "open\n" });
  expect([status, stdout]).toEqual([0, publicKey.export({ format: "der", type: "spki" })]);
});
