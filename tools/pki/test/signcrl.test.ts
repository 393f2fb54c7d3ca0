import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRevocationList } from "@cygnet/x509";
import { describe, expect, it } from "vitest";
import { NOW, folder, pki, runPki, vector } from "./run-pki.js";

const SIGN = ["--signcrl", "--cacert", vector("ca.pem"), "--cakey", vector("rsa.pem")];

async function entries(...args: readonly string[]): Promise<[serial: string, ms: number, reason: number][]> {
  const { revoked } = readRevocationList(await pki(...SIGN, ...args));
  return revoked.map(({ serial, date, reason }) => [serial.toString("hex"), date.getTime(), reason]);
}

describe("a CRL", () => {
  it("revokes serial numbers and certificates, with the reason and date before each", async () => {
    expect(
      await entries("--reason", "superseded", "--date", "5", "--serial", "0x7", "--serial", "ff", "--cert", vector("ca.pem")),
    ).toEqual([
      ["07", 5000, 4],
      ["00ff", NOW, 0],
      ["0123", NOW, 0],
    ]);
  });

  it("is valid for 15 days, or for the time that was asked for, and has no list where nothing is revoked", async () => {
    const list = readRevocationList(await pki(...SIGN));
    expect(list).toMatchObject({ thisUpdate: new Date(NOW), nextUpdate: new Date(NOW + 15 * 86_400_000), revoked: [] });
    const other = readRevocationList(await pki(...SIGN, "--lifetime", "2", "--dateform", "%s", "--next-update", "2000000000"));
    expect(other.thisUpdate).toEqual(new Date(2_000_000_000_000 - 2 * 86_400_000));
  });

  it("goes on from the one before: what is revoked stays so, once, and the number rises", async () => {
    const file = join(folder(), "second.crl");
    writeFileSync(file, await pki(...SIGN, "--lastcrl", vector("old.crl"), "--serial", "09", "--serial", "01"));
    expect(await entries("--lastcrl", file)).toEqual([
      ["09", NOW, 0],
      ["01", NOW, 0],
      ["00ff02", 1_700_000_001_000, 4],
    ]);
    const text = (
      await runPki(["--print", "--type", "crl"], { input: await pki(...SIGN, "--lastcrl", file, "--basecrl", vector("old.crl")) })
    ).text;
    expect(text).toContain("  serial:    03\n  delta CRL: for serial 01\n");
  });

  it("may have a critical extension that nobody knows", async () => {
    expect((await pki(...SIGN, "--critical", "1.2.3.9")).toString("hex")).toContain("300a06032a03090101ff0400");
  });

  it.each([
    [["--reason", "bogus"], "'bogus' is none of key-compromise, ca-compromise"],
    [["--reason", "superseded"], "no --cert or --serial follows"],
    [["--date", "x", "--serial", "1"], "'x' are no seconds since 1970"],
    [["--serial", "zz"], "'zz' is not hex"],
    [["--cert", "/nonexistent/cert"], "opening '/nonexistent/cert' failed: No such file or directory"],
    [["--cert", vector("rsa.pem")], "has no certificate"],
    [["--basecrl", vector("ca.pem")], "has no CRL"],
    [["--lifetime", "0"], "option '--lifetime': 0 is not from 1"],
    [["--cakeyid", "1"], "option '--cakeyid' is not supported"],
  ])("is not made with %j", async (args, message) => {
    const { code, errors, octets } = await runPki([...SIGN, ...args]);
    expect([code, octets.length]).toEqual([1, 0]);
    expect(errors).toContain(message);
  });

  it("of somebody else is not gone on from, nor is what is no CRL", async () => {
    const path = folder();
    const [ca, crl, broken] = [join(path, "ca"), join(path, "crl"), join(path, "broken")];
    writeFileSync(ca, await pki("--self", "--in", vector("ecdsa.pem"), "--dn", "CN=other", "--ca"));
    writeFileSync(crl, await pki("--signcrl", "--cacert", ca, "--cakey", vector("ecdsa.pem")));
    writeFileSync(broken, readFileSync(crl).subarray(0, -40));
    expect((await runPki([...SIGN, "--lastcrl", crl])).errors).toBe(`'${crl}' is a CRL of "CN=other"\n`);
    expect((await runPki([...SIGN, "--lastcrl", broken])).errors).toContain(`'${broken}' is no CRL: `);
  });

  it("is not made by who may not", async () => {
    const end = join(folder(), "end.pem");
    writeFileSync(end, await pki("--self", "--in", vector("ecdsa.pem"), "--dn", "CN=end"));
    expect((await runPki(["--signcrl", "--cacert", end, "--cakey", vector("ecdsa.pem")])).errors).toBe(
      "CA certificate misses CA basicConstraint / CRLSign keyUsage\n",
    );
  });
});
