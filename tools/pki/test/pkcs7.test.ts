import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, pki, runPki } from "./run-pki.js";

const DATA = Buffer.from("hello\n");
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/** A folder with an authority, an RSA host below an intermediate of it, and another authority. */
async function scene() {
  const path = folder();
  const file = (name: string): string => join(path, name);
  const write = async (name: string, ...argv: readonly string[]): Promise<void> => writeFileSync(file(name), await pki(...argv));
  for (const name of ["ca", "other", "between", "host"]) await write(`${name}.key`, "--gen", "--type", "rsa", "--size", "1024");
  for (const name of ["ca", "other"])
    await write(`${name}.crt`, "--self", "--ca", "--in", file(`${name}.key`), "--dn", `CN=${name}`);
  const issue = (name: string, issuer: string, ...more: readonly string[]): Promise<void> =>
    write(
      `${name}.crt`,
      ...["--issue", "--cacert", file(`${issuer}.crt`), "--cakey", file(`${issuer}.key`)],
      ...["--in", file(`${name}.key`), "--type", "rsa", "--dn", `CN=${name}`, ...more],
    );
  await issue("between", "ca", "--ca");
  await issue("host", "between");
  const own = ["--cert", file("host.crt"), "--key", file("host.key")];
  const signed = (await runPki(["--pkcs7", "--sign", ...own], { input: DATA })).octets;
  return { file, own, signed };
}

describe("signed data", () => {
  it("is verified with the signer's certificate, or authorities that lead to it, and written", async () => {
    const { file, signed } = await scene();
    for (const certs of [["host"], ["ca", "between"]]) {
      const trusted = certs.flatMap((name) => ["--cert", file(`${name}.crt`)]);
      const { code, octets, errors } = await runPki(["--pkcs7", "--verify", ...trusted], { input: signed });
      expect([code, octets.toString()]).toEqual([0, "hello\n"]);
      expect(errors).toMatch(/^signed by 'CN=host' at Nov 2\d \d\d:\d\d:56 2026$/m);
    }
  });

  it("is not trusted without the authority, nor with another one or none", async () => {
    const { file, signed } = await scene();
    for (const certs of [["ca"], ["other"], []]) {
      const trusted = certs.flatMap((name) => ["--cert", file(`${name}.crt`)]);
      const { code, octets, errors } = await runPki(["--pkcs7", "--verify", ...trusted], { input: signed });
      expect([code, octets.length]).toEqual([1, 0]);
      expect(errors).toContain("no trusted signature found");
    }
  });

  it("is refused once a bit of it, of its attributes or of its signature has changed", async () => {
    const { file, signed } = await scene();
    const places = [signed.indexOf(DATA), signed.indexOf("170d", 0, "hex") + 4, signed.length - 1];
    for (const at of places) {
      const broken = Buffer.from(signed);
      broken[at]! ^= 1;
      const { code, octets } = await runPki(["--pkcs7", "--verify", "--cert", file("host.crt")], { input: broken });
      expect([at, code, octets.length]).toEqual([at, 1, 0]);
    }
  });

  it("shows its certificates, in PEM", async () => {
    const { file, signed } = await scene();
    const { code, text, errors } = await runPki(["--pkcs7", "--show"], { input: signed });
    expect([code, errors]).toEqual([0, "PKCS7_SIGNED_DATA\n"]);
    const der = Buffer.from(text.replaceAll(/-----[^-]+-----/g, ""), "base64");
    expect(der.equals(readFileSync(file("host.crt")))).toBe(true);
  });
});

describe("enveloped data", () => {
  it("is opened with the key and certificate that it is for, and by no other", async () => {
    const { file, own } = await scene();
    const { octets: sealed } = await runPki(["--pkcs7", "--encrypt", "--cert", file("host.crt")], { input: DATA });
    expect(sealed.includes(DATA)).toBe(false);
    expect((await runPki(["--pkcs7", "--decrypt", ...own], { input: sealed })).octets.toString()).toBe("hello\n");
    expect((await runPki(["--pkcs7", "--show"], { input: sealed })).errors).toBe("PKCS7_ENVELOPED_DATA\n");
    for (const wrong of [
      ["--key", file("host.key")],
      ["--key", file("ca.key"), "--cert", file("ca.crt")],
      ["--key", file("ca.key"), "--cert", file("host.crt")],
    ]) {
      const { code, octets, errors } = await runPki(["--pkcs7", "--decrypt", ...wrong], { input: sealed });
      expect([code, octets.length]).toEqual([1, 0]);
      expect(errors).toContain("no private key found to decrypt pkcs7");
    }
  });
});

describe.skipIf(!hasOpenssl)("of OpenSSL", () => {
  const openssl = (...args: readonly string[]): Buffer => execFileSync("openssl", args, { stdio: ["ignore", "pipe", "ignore"] });

  it("containers are read, and ours by it", async () => {
    const { file, own, signed } = await scene();
    for (const name of ["host.crt", "ca.crt"]) openssl("x509", "-inform", "DER", "-in", file(name), "-out", file(`${name}.pem`));
    writeFileSync(file("host.key.pem"), openssl("rsa", "-inform", "DER", "-in", file("host.key")));
    writeFileSync(file("data"), DATA);
    writeFileSync(file("signed"), signed);
    const [cert, key] = [file("host.crt.pem"), file("host.key.pem")];
    const verified = openssl(..."smime -verify -inform DER -noverify -in".split(" "), file("signed"), "-certfile", cert);
    expect(verified.toString()).toBe("hello\n");
    for (const more of [[], ["-noattr"], ["-md", "sha512"]]) {
      const theirs = openssl(
        ..."smime -sign -binary -nodetach -outform DER -in".split(" "),
        file("data"),
        "-signer",
        cert,
        "-inkey",
        key,
        ...more,
      );
      const { octets } = await runPki(["--pkcs7", "--verify", "--cert", file("host.crt")], { input: theirs });
      expect(octets.toString()).toBe("hello\n");
    }
    for (const cipher of ["-aes256", "-des3"]) {
      const sealed = openssl(..."smime -encrypt -binary -outform DER -in".split(" "), file("data"), cipher, cert);
      expect((await runPki(["--pkcs7", "--decrypt", ...own], { input: sealed })).octets.toString()).toBe("hello\n");
    }
    writeFileSync(file("sealed"), (await runPki(["--pkcs7", "--encrypt", "--cert", file("host.crt")], { input: DATA })).octets);
    expect(
      openssl(..."smime -decrypt -inform DER -in".split(" "), file("sealed"), "-inkey", key, "-recip", cert).toString(),
    ).toBe("hello\n");
    const bundle = openssl("crl2pkcs7", "-nocrl", "-certfile", cert, "-certfile", file("ca.crt.pem"));
    const { text } = await runPki(["--pkcs7", "--show"], { input: bundle });
    expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });
});

it.each([
  [["--sign"], "requiring a certificate!"],
  [["--encrypt"], "requiring a certificate!"],
  [["--decrypt"], "decryption requires a private key"],
  [["--show"], "standard input is no PKCS#7 container"],
  [["--verify"], "standard input is no PKCS#7 container"],
  [["--sign", "--show"], "one of --sign, --verify, --encrypt, --decrypt, --show is required"],
  [[], "one of --sign, --verify, --encrypt, --decrypt, --show is required"],
])("says what is wrong with %j", async (args, problem) => {
  const { code, errors } = await runPki(["--pkcs7", ...args], { input: Buffer.from("no container") });
  expect(code).toBe(1);
  expect(errors).toContain(problem);
});

it("refuses any damaged container without another error", async () => {
  const { file, own, signed } = await scene();
  const { octets: sealed } = await runPki(["--pkcs7", "--encrypt", "--cert", file("host.crt")], { input: DATA });
  for (const [octets, args] of [
    [signed, ["--verify", "--cert", file("other.crt")]],
    [sealed, ["--decrypt", ...own]],
  ] as const)
    for (let at = 0; at < octets.length; at += 5) {
      const damaged = Buffer.from(octets);
      damaged[at]! ^= 0x21;
      const { code } = await runPki(["--pkcs7", ...args], { input: at % 2 ? damaged : octets.subarray(0, at) });
      expect([0, 1]).toContain(code);
    }
});
