import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { StrokeMessageType, StrokeRereadFlag } from "../src/abi/index.js";
import { Daemon } from "./support/daemon.js";

let daemon: Daemon;
afterEach(() => daemon.stop());

const reread = () => daemon.request({ type: StrokeMessageType.REREAD, fields: { flags: StrokeRereadFlag.SECRETS } });
const loaded = () => daemon.credentials.sets.get("stroke");

describe("secrets", () => {
  it("are loaded at start, logged by owner, and handed over without leaving a copy", async () => {
    daemon = await Daemon.start({ secrets: 'moon @sun : PSK "one"\n: PSK 0x0102\ncarol : EAP two\ndave : XAUTH three\n' });
    expect(loaded()).toEqual([
      { type: "IKE", owners: ["moon", "@sun"], secret: "one" },
      { type: "IKE", owners: [], secret: "\x01\x02" },
      { type: "EAP", owners: ["carol"], secret: "two" },
      { type: "EAP", owners: ["dave"], secret: "three" },
    ]);
    expect(daemon.messages.filter((line) => line.includes("secret"))).toEqual([
      `loading secrets from '${daemon.secretsPath}'`,
      "  loaded IKE secret for moon @sun",
      "  loaded IKE secret for %any",
      "  loaded EAP secret for carol",
      "  loaded EAP secret for dave",
    ]);
    expect(daemon.credentials.given.length).toBe(4);
    for (const secret of daemon.credentials.given) expect(secret).toEqual(new Uint8Array(secret.length));
  });

  it("may be missing", async () => {
    daemon = await Daemon.start();
    expect(daemon.messages.filter((line) => line.includes("secret"))).toEqual([
      `loading secrets from '${daemon.secretsPath}'`,
      `opening secrets file '${daemon.secretsPath}' failed: No such file or directory`,
    ]);
    expect(loaded()).toBeUndefined();
  });

  it("are replaced when reread, and kept while the file cannot be read", async () => {
    daemon = await Daemon.start({ secrets: ": PSK one\n" });
    writeFileSync(daemon.secretsPath, ": PSK two\n");
    await reread();
    expect(loaded()).toMatchObject([{ secret: "two" }]);
    rmSync(daemon.secretsPath);
    mkdirSync(daemon.secretsPath);
    await reread();
    expect(daemon.messages.at(-1)).toBe(`opening secrets file '${daemon.secretsPath}' failed: Is a directory`);
    expect(loaded()).toMatchObject([{ secret: "two" }]);
  });

  it("may be in included files", async () => {
    daemon = await Daemon.start({ secrets: "include part-*.secrets\n: PSK main\n" });
    for (const name of ["part-b.secrets", "part-a.secrets"]) writeFileSync(join(daemon.directory, name), `: PSK ${name}\n`);
    await reread();
    expect(loaded()?.map(({ secret }) => secret)).toEqual(["part-a.secrets", "part-b.secrets", "main"]);
  });

  it("cost a line each where they are private keys or belong to no identity", async () => {
    daemon = await Daemon.start({ secrets: ": RSA key.pem\nbad : PSK one\nmoon : PSK two\n: PIN %smartcard:0102 1234\n" });
    expect(loaded()).toMatchObject([{ owners: ["moon"], secret: "two" }]);
    expect(daemon.messages).toEqual(
      expect.arrayContaining([
        `  loading private key from '${join(daemon.directory, "ipsec.d/private/key.pem")}' failed: No such file or directory`,
        "line 2: invalid identity 'bad'",
        "line 4: a PIN not loaded, this release has no support for it",
      ]),
    );
  });

  it("never get into the log", async () => {
    daemon = await Daemon.start({ secrets: 'moon : PSK "tops3cret"\ncarol : EAP "tops3cret\nbad : PSK tops3cret\n' });
    expect(daemon.messages.join("\n")).not.toContain("tops3cret");
  });
});
