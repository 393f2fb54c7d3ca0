import { CollectingTerminal } from "@cygnet/command/testing";
import fc from "fast-check";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { convertProfile, migrateCommand, verifyConversion } from "../src/index.js";
import type { Finding } from "../src/index.js";
import { parseKeyfile } from "../src/profile/keyfile.js";
import { ProfileError } from "../src/profile/profile-error.js";
import { parseSswan } from "../src/profile/sswan.js";
import { AUTHORITY, SERVER } from "./certificates.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-migrate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

async function run(
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> {
  const terminal = new CollectingTerminal();
  const code = await migrateCommand(argv, terminal, { starter: {}, plugin: () => Promise.resolve(undefined) });
  return { code, output: terminal.output, errors: terminal.errors };
}

/** What `check` says of a file, without the file's name. */
async function check(file: string): Promise<readonly string[]> {
  const { output } = await run("check", file);
  return output.replaceAll(`${file}:`, "").trim().split("\n");
}

/** A keyfile of strongSwan's plugin; the keys of `vpn` begin on line 7. */
const keyfile = (vpn: string, rest = ""): string =>
  `[connection]\nid=Work VPN\ntype=vpn\n\n[vpn]\nservice-type=org.freedesktop.NetworkManager.strongswan\n${vpn}\n${rest}`;

describe("keyfiles", () => {
  it("are checked key by key, with their lines", async () => {
    const file = write(
      "work.nmconnection",
      keyfile(
        "address=vpn.example.org\nmethod=eap\nuser=carol\nencap=yes\nipcomp=yes\nvirtual=yes\nproposal=yes\nike=aes256-sha256-ecp256;aes128-sha256-x25519;\nesp=nonsense\nserver-port=0\npassword-flags=1\nusercert=/etc/a.pem\ntypo=1",
        "# a comment\n\n[ipv4]\nmethod=auto\nroute1=10.0.0.0/8\n",
      ),
    );
    expect(await check(file)).toEqual([
      "2: connection.id: works",
      "3: connection.type: works",
      "6: vpn.service-type: works",
      "7: vpn.address: works",
      "8: vpn.method: not supported (EAP does not authenticate in this release)",
      "9: vpn.user: works",
      "10: vpn.encap: works",
      "11: vpn.ipcomp: works",
      "12: vpn.virtual: works",
      "13: vpn.proposal: works",
      "14: vpn.ike: works",
      expect.stringMatching(/^15: vpn\.esp: not supported \(.*nonsense/),
      "16: vpn.server-port: not supported (a port from 1 to 65535 is expected)",
      expect.stringMatching(/^17: vpn\.password-flags: ignored by design/),
      expect.stringMatching(/^18: vpn\.usercert: ignored by design \(not read with method=eap\)$/),
      "19: vpn.typo: not supported (unknown key 'vpn.typo')",
      expect.stringMatching(/^23: ipv4\.method: ignored by design/),
      expect.stringMatching(/^24: ipv4\.route1: not supported/),
      expect.stringMatching(/^10 works, 0 works differently, 3 ignored by design, 5 not/),
    ]);
  });

  it.each([
    ["agent", "ssh-agent"],
    ["smartcard", "tokens"],
  ])("with method=%s are said to have no key here", async (method, why) => {
    const lines = await check(write("a.nmconnection", keyfile(`method=${method}`)));
    expect(lines.find((line) => line.includes("vpn.method"))).toMatch(new RegExp(`not supported \\(.*${why}`));
  });

  it("give values as they are, whatever ini takes for a comment, a quote or a word", () => {
    const value = fc
      .string({ unit: fc.constantFrom("a", "b", ";", "#", '"', "'", "\\", "=", "[", "]", " ", ".") })
      .map((text) => text.trim());
    fc.assert(
      fc.property(value, (text) => {
        const { entries } = parseKeyfile(`[vpn]\nkey = ${text.replaceAll("\\", "\\\\")}\n`, "file");
        expect(entries).toEqual([{ key: "vpn.key", value: text, line: 2 }]);
      }),
    );
    for (const word of ["true", "null", "__proto__"])
      expect(parseKeyfile(`[a.b]\nc=${word}`, "file").entries).toEqual([{ key: "a.b.c", value: word, line: 2 }]);
  });

  it("of which the last of two equal keys counts, as in NetworkManager", () => {
    const { entries } = parseKeyfile("[vpn]\na=1\nb=2\na=3\n", "file");
    expect(entries).toEqual([
      { key: "vpn.b", value: "2", line: 3 },
      { key: "vpn.a", value: "3", line: 4 },
    ]);
  });

  it.each([
    ["[vpn]\nno value\n", 2],
    ["a=b\n", 1],
    ["\n\n[]\n", 3],
    ["[vpn]\n=x\n", 2],
  ])("%j cannot be read, with the line", async (content, line) => {
    await expect(run("check", write("a.nmconnection", content))).rejects.toThrow(`a.nmconnection:${line}: `);
  });

  it("of other plugins are refused, and passed by in a folder", async () => {
    mkdirSync(join(folder, "NetworkManager/system-connections"), { recursive: true });
    const wireless = write("NetworkManager/system-connections/Home", "[connection]\ntype=wifi\n");
    await expect(run("check", wireless)).rejects.toThrow("strongSwan plugin");
    await expect(run("check", folder)).rejects.toThrow("no profile of a client");
    write("NetworkManager/system-connections/Work", keyfile("address=vpn.example.org\nmethod=psk"));
    const { output } = await run("check", folder);
    expect(output).toContain("system-connections/Work:7: vpn.address: works\n");
    expect(output).not.toContain("Home");
  });

  it("with a pre-shared key become a connection and its secret", async () => {
    const file = write(
      "work.nmconnection",
      `# from the old laptop\n${keyfile(
        "address=vpn.example.org\nmethod=psk\nuser=carol@example.org\nremote-identity=vpn.example.org\nserver-port=4500\nvirtual=yes\nipcomp=yes\nproposal=yes\nesp=aes128gcm16;aes256-sha256\nremote-ts=10.1.0.0/16;10.2.0.0/16;",
        '\n[vpn-secrets]\npassword=a "long" pre-shared key\n',
      )}`,
    );
    const { code, output, errors } = await run("convert", "--verify", file);
    expect(errors).toBe("verified: 1 connections load the same from both forms\n");
    expect(code).toBe(0);
    expect(output).toMatch(/^# from the old laptop\nconnections \{\n {2}Work-VPN \{\n {4}version = 2\n/);
    for (const line of [
      "remote_addrs = vpn.example.org",
      "remote_port = 4500",
      'vips = "0.0.0.0, ::"',
      "auth = psk",
      "id = carol@example.org",
      "remote_ts = 10.1.0.0/16, 10.2.0.0/16",
      "esp_proposals = aes128gcm16, aes256-sha256",
      "ipcomp = yes",
      `secret = 0x${Buffer.from('a "long" pre-shared key').toString("hex")}`,
    ])
      expect(output.replaceAll('"', "")).toContain(line.replaceAll('"', ""));
  });

  it("with a certificate name the files to copy, and those of a server give its identity", async () => {
    const server = write("server.pem", SERVER);
    const file = write(
      "work.nmconnection",
      keyfile(
        `address=192.0.2.1\nmethod=key\ncertificate=${server}\nusercert=/home/carol/cert.pem\nuserkey=/home/carol/key.pem`,
        "[vpn-secrets]\npassword=pw\n",
      ),
    );
    const { code, output, errors } = await run("convert", "--verify", file);
    expect(code).toBe(0);
    expect(output).toContain("certs = cert.pem");
    expect(output).toMatch(/id = "?C=CH, O=Example, CN=server"?\n/);
    expect(output).toContain("private-1 {\n    file = key.pem\n    secret = pw\n");
    expect(errors).toContain(`copy '${server}' to the folder x509 beside`);
    expect(errors).toContain("copy '/home/carol/key.pem' to the folder private beside");
    const authority = write("ca.pem", AUTHORITY);
    const other = await run(
      "convert",
      write("b.nmconnection", keyfile(`address=192.0.2.1\nmethod=key\ncertificate=${authority}`)),
    );
    expect(other.errors).toContain(`copy '${authority}' to the folder x509ca beside`);
    expect(other.errors).toContain("the server has to call itself 192.0.2.1");
  });

  it("without an address, or with keys that have no place, are told with exit code 1", async () => {
    const bare = await run("convert", write("a.nmconnection", keyfile("method=psk")));
    expect([bare.code, bare.output]).toEqual([1, "# Work-VPN is not converted: the address of the server is missing\n"]);
    const agent = await run("convert", write("b.nmconnection", keyfile("address=a.example.org\nmethod=agent")));
    expect(agent.code).toBe(1);
    expect(agent.errors).toMatch(/not converted: .*b\.nmconnection:8: vpn\.method: .*ssh-agent/);
  });
});

const base64 = (pem: string): string => pem.replaceAll(/-----[^-]*-----|\s/g, "");
const PROFILE = {
  uuid: "7b1ff2a5-8b1a-4a3e-9d0f-3a4b5c6d7e8f",
  name: "Example VPN",
  type: "ikev2-cert",
  remote: {
    addr: "vpn.example.org",
    port: 4500,
    id: "vpn.example.org",
    certreq: false,
    revocation: { strict: true, ocsp: true },
  },
  local: { id: "carol@example.org", p12: Buffer.from("container").toString("base64"), "rsa-pss": true },
  "ike-proposal": "aes256-sha256-ecp256",
  "split-tunneling": { subnets: ["10.0.0.0/8", "2001:db8::/32"], excluded: "10.9.0.0/16", "block-ipv4": true },
  mtu: 1400,
  apps: ["org.example.mail"],
};

describe(".sswan profiles", () => {
  it("are checked key by key, with their lines", async () => {
    expect(await check(write("a.sswan", JSON.stringify(PROFILE, undefined, 1)))).toEqual([
      expect.stringMatching(/^2: uuid: ignored by design/),
      "3: name: works",
      "4: type: works",
      "6: remote.addr: works",
      "7: remote.port: works",
      "8: remote.id: works",
      "9: remote.certreq: works",
      "11: remote.revocation.strict: works",
      "12: remote.revocation.ocsp: works",
      "16: local.id: works",
      "17: local.p12: works",
      "18: local.rsa-pss: works differently (charon.rsa_pss of strongswan.conf has it, for all connections)",
      "20: ike-proposal: works",
      expect.stringMatching(/^22: split-tunneling\.subnets: works differently/),
      "26: split-tunneling.excluded: works",
      expect.stringMatching(/^27: split-tunneling\.block-ipv4: not supported/),
      expect.stringMatching(/^29: mtu: works differently \(charon\.plugins\.kernel-netlink\.mtu/),
      expect.stringMatching(/^30: apps: not supported/),
      "12 works, 3 works differently, 1 ignored by design, 2 not supported",
    ]);
  });

  it.each(["ikev2-eap", "ikev2-cert-eap", "ikev2-eap-tls", "ikev2-byod-eap"])("of type %s are said to need EAP", async (type) => {
    const [line] = await check(write("a.sswan", JSON.stringify({ type })));
    expect(line).toBe("1: type: not supported (EAP does not authenticate in this release)");
  });

  it.each([
    ['{\n "name": "a",\n}', "3: no JSON"],
    ["{\n // no\n}", "2: no JSON"],
    ["[]", "1: a profile is an object"],
    ['{\n "apps": [1]\n}', "2: apps: a list of texts"],
    ["", "1: no JSON"],
  ])("%j cannot be read, with the line", async (content, message) => {
    await expect(run("check", write("a.sswan", content))).rejects.toThrow(`a.sswan:${message}`);
  });

  it.each([
    ["type", 1, "a text is expected"],
    ["type", "ikev1", "there is no type 'ikev1'"],
    ["mtu", "x", "a number is expected"],
    ["remote", { certreq: "yes" }, "true or false is expected"],
    ["remote", { cert: "AAAA" }, "a certificate in Base64 is expected"],
    ["local", { p12: "?" }, "Base64 is expected"],
  ])("of which %s is %j are told so, and not converted", async (key, value, why) => {
    const file = write("a.sswan", JSON.stringify({ remote: { addr: "a.example.org" }, [key]: value }));
    expect((await check(file)).join("\n")).toContain(`not supported (${why})`);
    await expect(run("convert", file)).rejects.toThrow(why);
  });

  it("become a connection, with what is in them written beside it", async () => {
    const remote = { ...PROFILE.remote, cert: base64(AUTHORITY) };
    const file = write("a.sswan", JSON.stringify({ ...PROFILE, remote, apps: undefined }));
    const output = join(folder, "swanctl/swanctl.conf");
    const { code, errors } = await run("convert", "--verify", "--output", output, file);
    expect(code).toBe(1);
    expect(errors).toContain("verified: 1 connections load the same from both forms\n");
    expect(errors.match(/not converted: .*/g)).toEqual([expect.stringContaining("split-tunneling.block-ipv4")]);
    const text = readFileSync(output, "utf8").replaceAll('"', "");
    expect(text).toContain("children {\n      Example-VPN {\n");
    expect(text).toMatch(
      /Example-VPN-excluded \{\n {8}local_ts = 0\.0\.0\.0\/0\n {8}remote_ts = 10\.9\.0\.0\/16\n {8}mode = pass\n/,
    );
    expect(text).toContain("revocation = strict");
    expect(text).toContain("send_certreq = no");
    expect(readFileSync(join(folder, "swanctl/pkcs12/Example-VPN.p12"), "utf8")).toBe("container");
    expect(existsSync(join(folder, "swanctl/x509ca/Example-VPN.crt"))).toBe(true);
  });

  it("of any type load the same from both forms", () => {
    const types = fc.constantFrom("ikev2-eap", "ikev2-cert", "ikev2-cert-eap", "ikev2-eap-tls", "ikev2-byod-eap");
    const local = fc.record(
      { id: fc.constant("carol"), eap_id: fc.constant("dave"), aaa_id: fc.constant("C=CH, CN=aaa") },
      { requiredKeys: [] },
    );
    const remote = fc.record(
      { addr: fc.constantFrom("192.0.2.1", "vpn.example.org"), id: fc.constant("C=CH, CN=vpn") },
      { requiredKeys: ["addr"] },
    );
    fc.assert(
      fc.property(fc.record({ type: types, local, remote }), (profile) => {
        const conversion = convertProfile(write("a.sswan", JSON.stringify(profile)));
        expect(conversion.problems).toEqual([]);
        expect(conversion.connections).toHaveLength(1);
        expect(verifyConversion(conversion, conversion.text)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

it("with --json each key is a line, and a secret is in none", async () => {
  const file = write("work.nmconnection", keyfile("method=psk", "[vpn-secrets]\npassword=hidden\n"));
  const { output } = await run("check", "--json", file);
  const rows = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Finding);
  expect(rows).toContainEqual({ file, line: 9, key: "vpn-secrets.password", class: "works" });
  expect(output).not.toContain("hidden");
});

describe("any octets", () => {
  const readers = { keyfile: parseKeyfile, sswan: parseSswan };
  const pieces = fc.constantFrom(
    "[vpn]",
    "[",
    "]",
    "a=b",
    "=",
    "{",
    "}",
    '"',
    ":",
    ",",
    "\n",
    "\r\n",
    "#",
    "__proto__",
    "null",
    "1",
    "\0",
    "\ufeff",
    "é",
  );

  it.each(Object.keys(readers) as (keyof typeof readers)[])("are a %s or an error with its line", (kind) => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join("")),
        ),
        (text) => {
          try {
            for (const { line } of readers[kind](text, "file").entries) expect(line).toBeLessThanOrEqual(text.split("\n").length);
          } catch (error) {
            expect(error).toBeInstanceOf(ProfileError);
            expect((error as ProfileError).line).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("are refused where they are nested too deeply", () => {
    expect(() => parseSswan(`{"a":${"[".repeat(200_000)}`, "file")).toThrow(ProfileError);
  });

  it.each(["constructor", "toString", "__proto__", ""])("method=%s is none", async (method) => {
    const file = write("a.nmconnection", keyfile(`address=a.example.org\nmethod=${method}\nuser=carol`));
    expect((await check(file)).join("\n")).toContain(`8: vpn.method: not supported (there is no method '${method}')`);
    await expect(run("convert", file)).rejects.toThrow(`there is no method '${method}'`);
  });
});
