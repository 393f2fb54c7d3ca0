import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ResolverFile } from "../src/index.js";
import { folder } from "./fixtures.js";

const OTHERS = "# made by hand\nsearch example.org\nnameserver 192.0.2.53\n";

describe("resolver file", () => {
  it("has our servers in front of what others wrote, the newest first", async () => {
    const path = join(folder(), "resolv.conf");
    writeFileSync(path, OTHERS);
    const file = new ResolverFile(path);
    await file.install("10.0.0.1");
    await file.install("fec0::1");
    expect(readFileSync(path, "utf8")).toBe(
      `nameserver fec0::1   # by strongSwan\nnameserver 10.0.0.1   # by strongSwan\n${OTHERS}`,
    );
    await file.remove("10.0.0.1");
    await file.remove("fec0::1");
    expect(readFileSync(path, "utf8")).toBe(OTHERS);
  });

  it("is made where there was none", async () => {
    const path = join(folder(), "resolv.conf");
    const file = new ResolverFile(path);
    await file.install("10.0.0.1");
    expect(readFileSync(path, "utf8")).toBe("nameserver 10.0.0.1   # by strongSwan\n");
    await file.remove("10.0.0.1");
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("does not get a server twice that a crashed daemon left", async () => {
    const path = join(folder(), "resolv.conf");
    writeFileSync(path, `nameserver 10.0.0.1   # by strongSwan\n${OTHERS}`);
    await new ResolverFile(path).install("10.0.0.1");
    expect(readFileSync(path, "utf8")).toBe(`nameserver 10.0.0.1   # by strongSwan\n${OTHERS}`);
  });

  it("is replaced, keeping its mode, and nothing stays beside it", async () => {
    const at = folder();
    const path = join(at, "resolv.conf");
    writeFileSync(path, OTHERS);
    chmodSync(path, 0o640);
    const { ino } = statSync(path);
    await new ResolverFile(path).install("10.0.0.1");
    expect(statSync(path).ino).not.toBe(ino);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(at)).toEqual(["resolv.conf"]);
  });

  it("stays a link to where it really is", async () => {
    const at = folder();
    mkdirSync(join(at, "run"));
    writeFileSync(join(at, "run/stub"), OTHERS);
    symlinkSync("run/stub", join(at, "resolv.conf"));
    await new ResolverFile(join(at, "resolv.conf")).install("10.0.0.1");
    expect(lstatSync(join(at, "resolv.conf")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(at, "run/stub"), "utf8")).toContain("nameserver 10.0.0.1");
    expect(readdirSync(join(at, "run"))).toEqual(["stub"]);
  });

  it("is written in place where its directory takes no other file", async () => {
    const at = folder();
    // The temporary name is longer by 13 characters, more than the file system allows: it works for root too.
    const path = join(at, "r".repeat(250));
    writeFileSync(path, OTHERS);
    const { ino } = statSync(path);
    await new ResolverFile(path).install("10.0.0.1");
    expect(statSync(path).ino).toBe(ino);
    expect(readFileSync(path, "utf8")).toBe(`nameserver 10.0.0.1   # by strongSwan\n${OTHERS}`);
  });

  it("that cannot be written is an error with the path", async () => {
    const path = join(folder(), "missing", "resolv.conf");
    await expect(new ResolverFile(path).install("10.0.0.1")).rejects.toMatchObject({
      code: "CYG_RESOLVE_FILE",
      errno: "ENOENT",
      message: `writing ${path} failed: ENOENT`,
    });
  });
});
