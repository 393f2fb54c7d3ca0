import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { NOW, folder, pki, runPki, vector } from "./run-pki.js";

/** A root, an intermediate authority and an end entity, in files of their own. */
class Hierarchy {
  readonly path = folder();
  readonly root = vector("ca.pem");
  readonly inter = this.file("inter.pem");
  readonly end = this.file("end.pem");

  async make(): Promise<this> {
    await this.write(
      this.inter,
      "--issue",
      "--type",
      "priv",
      "--in",
      vector("ecdsa.pem"),
      "--cacert",
      this.root,
      "--cakey",
      vector("rsa.pem"),
      "--dn",
      "CN=inter",
      "--ca",
    );
    await this.issue(this.end, "--dn", "CN=end", "--serial", "77");
    return this;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async issue(file: string, ...args: readonly string[]): Promise<string> {
    return this.write(
      file,
      "--issue",
      "--type",
      "priv",
      "--in",
      vector("ed448.pem"),
      "--cacert",
      this.inter,
      "--cakey",
      vector("ecdsa.pem"),
      ...args,
    );
  }

  /** A CRL of the root, or of the intermediate authority. */
  async crl(by: "root" | "inter", ...args: readonly string[]): Promise<string> {
    const [cert, key] = by === "root" ? [this.root, "rsa.pem"] : [this.inter, "ecdsa.pem"];
    return this.write(this.file(`${by}.crl`), "--signcrl", "--cacert", cert, "--cakey", vector(key), ...args);
  }

  async write(file: string, ...args: readonly string[]): Promise<string> {
    writeFileSync(file, await pki(...args));
    return file;
  }
}

async function verify(...args: readonly string[]): Promise<{ code: number; verdict: string; lines: string }> {
  const { code, text, errors } = await runPki(["--verify", ...args]);
  return { code, verdict: text.trimEnd(), lines: errors };
}

describe("a certificate", () => {
  let all: Hierarchy;
  let authorities: readonly string[];
  beforeEach(async () => {
    all = await new Hierarchy().make();
    authorities = ["--cacert", all.inter, "--cacert", all.root];
  });

  it("is trusted with all authorities up to a self-signed one", async () => {
    const { code, verdict, lines } = await verify("--in", all.end, ...authorities);
    expect([code, verdict]).toEqual([0, "certificate trusted, lifetimes valid"]);
    expect(lines).toContain("reached self-signed root ca with a path length of 1");
    expect((await verify("--in", all.inter, "--cacert", all.root)).code).toBe(0);
  });

  it("is not with some of them", async () => {
    expect(await verify("--in", all.end, "--cacert", all.root)).toMatchObject({ code: 1, verdict: "certificate untrusted" });
    const { code, verdict, lines } = await verify("--in", all.end, "--cacert", all.inter);
    expect([code, verdict]).toEqual([1, "certificate untrusted"]);
    expect(lines).toContain(`no issuer certificate found for "CN=inter"\n  issuer is "C=CH, O=Root, CN=a"\n`);
  });

  it("finds them in a folder", async () => {
    const authorityFolder = all.file("cas");
    mkdirSync(authorityFolder);
    await all.write(join(authorityFolder, "root"), "--self", "--in", vector("rsa.pem"), "--dn", "C=CH, O=Root, CN=a", "--ca");
    const inter = await all.write(
      join(authorityFolder, "inter"),
      "--issue",
      "--type",
      "priv",
      "--in",
      vector("ecdsa.pem"),
      "--cacert",
      all.root,
      "--cakey",
      vector("rsa.pem"),
      "--dn",
      "CN=inter",
      "--ca",
    );
    expect((await verify("--in", inter, "--cacert", authorityFolder)).code).toBe(0);
    expect((await verify("--in", all.end, "--cacert", authorityFolder)).code).toBe(0);
  });

  it("is trusted for itself where no authority is given, valid or not", async () => {
    expect(await verify("--in", all.root)).toMatchObject({ code: 0, verdict: "certificate trusted, lifetimes valid" });
    const { code, verdict, lines } = await verify("--in", all.end);
    expect([code, verdict]).toEqual([0, "certificate trusted, lifetimes valid"]);
    expect(lines).toContain("reached end of incomplete trust chain");
    const { code: later, text } = await runPki(["--verify", "--in", all.end], { now: NOW + 2000 * 86_400_000 });
    expect([later, text]).toEqual([2, "certificate trusted, but no valid lifetime\n"]);
  });

  it("is not trusted before and after its time", async () => {
    const old = await all.issue(
      all.file("old"),
      "--dn",
      "CN=old",
      "--dateform",
      "%s",
      "--not-before",
      "1000",
      "--not-after",
      "2000",
    );
    expect(await verify("--in", old, ...authorities)).toMatchObject({ code: 1, verdict: "certificate untrusted" });
  });

  it("is not trusted with another key's authority of the same name", async () => {
    const forged = await all.write(
      all.file("forged"),
      "--self",
      "--in",
      vector("ed25519.pem"),
      "--dn",
      "C=CH, O=Root, CN=a",
      "--ca",
    );
    expect((await verify("--in", all.inter, "--cacert", forged)).code).toBe(1);
    const self = await all.write(all.file("self"), "--self", "--in", vector("ecdsa.pem"), "--dn", "CN=inter");
    expect((await verify("--in", all.end, "--cacert", self)).code).toBe(1);
  });

  it("is not trusted against the path length and the names that an authority allows", async () => {
    const strict = await all.write(
      all.file("strict"),
      "--self",
      "--in",
      vector("rsa.pem"),
      "--dn",
      "C=CH, O=Root, CN=a",
      "--ca",
      "--pathlen",
      "0",
    );
    expect((await verify("--in", all.end, "--cacert", strict, "--cacert", all.inter)).code).toBe(1);
    const names = await all.write(
      all.file("names"),
      "--self",
      "--in",
      vector("rsa.pem"),
      "--dn",
      "C=CH, O=Root, CN=a",
      "--ca",
      "--nc-permitted",
      "dns:good.example",
    );
    for (const [host, code] of [
      ["a.good.example", 0],
      ["a.bad.example", 1],
    ] as const) {
      const issued = await all.issue(all.file(host), "--dn", "CN=h", "--san", host);
      expect((await verify("--in", issued, "--cacert", names, "--cacert", all.inter)).code).toBe(code);
    }
  });

  it("is not trusted with a critical extension that is not known", async () => {
    const odd = await all.issue(all.file("odd"), "--dn", "CN=odd", "--critical", "1.2.3.9");
    const { code, lines } = await verify("--in", odd, ...authorities);
    expect([code, lines]).toEqual([1, expect.stringContaining("found unsupported critical X.509 extension: 1.2.3.9")]);
  });

  it("is looked up in CRLs", async () => {
    const both = ["--crl", await all.crl("inter"), "--crl", await all.crl("root")];
    const valid = "certificate trusted, lifetimes valid, ";
    expect((await verify("--in", all.end, ...authorities, ...both)).verdict).toBe(`${valid}certificate not revoked`);
    const one = ["--crl", all.file("root.crl")];
    expect((await verify("--in", all.end, ...authorities, ...one)).verdict).toBe(`${valid}no revocation information`);
    const named = await all.issue(all.file("named"), "--dn", "CN=named", "--crl", "http://c/1");
    expect((await verify("--in", named, ...authorities, ...one)).verdict).toBe(`${valid}revocation checking failed`);

    await all.crl("inter", "--dateform", "%s", "--this-update", "1", "--next-update", "2");
    expect((await verify("--in", all.end, ...authorities, ...both)).verdict).toBe(`${valid}revocation information stale`);
    await all.crl("inter", "--reason", "superseded", "--serial", "77");
    const { code, verdict, lines } = await verify("--in", all.end, ...authorities, ...both);
    expect([code, verdict]).toEqual([1, "certificate untrusted"]);
    expect(lines).toMatch(/certificate was revoked on .*, reason: superseded\n/);
  });

  it.each([["--cacert"], ["--crl"]])("%s that cannot be read is an error, whatever else is there", async (option) => {
    expect(await verify("--in", all.end, ...authorities, option, "/nonexistent")).toEqual({
      code: 1,
      verdict: "",
      lines: "failed to access '/nonexistent': No such file or directory\n",
    });
    const { code, verdict, lines } = await verify("--in", all.end, ...authorities, option, vector("ed25519.pem"));
    expect([code, verdict]).toEqual([1, ""]);
    expect(lines).toContain(`'${vector("ed25519.pem")}' has no `);
  });
});
