import { CollectingTerminal } from "@cygnet/command/testing";
import fc from "fast-check";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convertIpsecConf, migrateCommand, verifyConversion } from "../src/index.js";
import type { OptionSources } from "../src/index.js";

/** Nobody asks for options here. */
const sources: OptionSources = { starter: {}, plugin: () => Promise.resolve(undefined) };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-migrate-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const convert = (text: string) => convertIpsecConf(file("ipsec.conf", text), undefined);

/** A keyword and values of it that swanctl.conf has a place for. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  keyexchange: ["ike", "ikev1", "ikev2"],
  type: ["tunnel", "transport", "transport_proxy", "beet", "passthrough", "drop"],
  auto: ["add", "route", "start"],
  left: ["10.0.0.1", "%any", "10.0.0.1,10.0.0.2", "fec0::1"],
  right: ["10.9.0.1", "%any", "10.9.0.0/24", "gw.example.org", "%gw.example.org"],
  leftid: ["@moon.example.org", "moon@example.org", '"C=CH, O=Example, CN=moon"', "%any", "10.0.0.1"],
  rightid: ["@sun.example.org", "*@example.org", '"C=CH, O=Example, CN=*"', "%any"],
  leftsubnet: ["10.1.0.0/16", "10.1.0.0/16,10.2.0.0/16[tcp/80]", "fec1::/16", "%dynamic[udp/500]"],
  rightsubnet: ["10.3.0.0/16", "0.0.0.0/0"],
  leftprotoport: ["tcp/http", "udp", "icmp/8", "17/%opaque", "6/1000-2000"],
  leftauth: ["psk", "pubkey", "rsa-2048-sha256", "ecdsa", "ike:rsa/pss-sha256", "eap-mschapv2", "eap", "xauth", "pubkey-sha256"],
  rightauth: ["psk", "pubkey", "any", "eap-tls", "eap-ttls", "xauth-generic", "ed25519"],
  rightauth2: ["xauth", "psk", "eap-md5"],
  rightid2: ["carol", "%any"],
  eap_identity: ["carol", "%identity", "%any"],
  xauth_identity: ["dave"],
  aaa_identity: ['"C=CH, CN=aaa"'],
  leftcert: ["moonCert.pem", "/etc/certs/moon.der"],
  rightcert: ["sunCert.pem"],
  rightca: ['"C=CH, O=Example, CN=CA"', "%same"],
  rightgroups: ["sales, research"],
  rightcertpolicy: ["1.2.3.4, 1.2.3.5"],
  leftsourceip: ["%config", "%config6", "10.5.0.1", "%config4,%config6"],
  rightsourceip: ["10.7.0.0/24", "fec7::/120", "%pool", "10.7.0.0/24,fec7::/120", "10.7.0.1-10.7.0.9"],
  leftsendcert: ["always", "never"],
  rightsendcert: ["never"],
  leftupdown: ["ipsec _updown iptables", "/usr/local/bin/up down"],
  rightallowany: ["yes"],
  lefthostaccess: ["yes"],
  leftikeport: ["4500"],
  ike: ["aes128-sha256-modp3072!", "aes256-sha1-modp2048,3des-md5-modp1024"],
  esp: ["aes128gcm16!", "aes256-sha256"],
  ah: ["sha256!", "sha1-md5"],
  ikelifetime: ["0", "60m", "1d", "5m"],
  lifetime: ["0", "20m", "1h"],
  margintime: ["0", "3m", "9m"],
  rekeyfuzz: ["0%", "100%", "250%"],
  lifebytes: ["0", "1000000"],
  marginbytes: ["10000"],
  lifepackets: ["123456"],
  marginpackets: ["3"],
  rekey: ["no"],
  reauth: ["no"],
  keyingtries: ["%forever", "1", "7"],
  dpdaction: ["clear", "hold", "restart", "none"],
  dpddelay: ["0", "60s"],
  dpdtimeout: ["30"],
  closeaction: ["clear", "hold", "restart"],
  inactivity: ["180s"],
  fragmentation: ["no", "accept", "force"],
  mobike: ["no"],
  forceencaps: ["yes"],
  aggressive: ["yes"],
  modeconfig: ["push"],
  compress: ["yes"],
  tfc: ["256", "%mtu"],
  reqid: ["17"],
  mark: ["42", "10/0xff", "%unique"],
  mark_in: ["5"],
  replay_window: ["64", "-1", "0"],
  ikedscp: ["101110"],
  installpolicy: ["no"],
};

const values = Object.fromEntries(Object.entries(KEYWORDS).map(([keyword, list]) => [keyword, fc.constantFrom(...list)]));
const connections = fc.record(values, { requiredKeys: ["auto"] });

describe("convert", () => {
  it("makes a swanctl.conf that loads as the ipsec.conf does, for any keywords that have a place in it", () => {
    const policies = fc.constantFrom("no", "yes", "ifuri");
    const unique = fc.constantFrom("no", "yes", "keep", "never", "replace");
    fc.assert(
      fc.property(fc.array(connections, { minLength: 1, maxLength: 3 }), policies, unique, (list, policy, uniqueids) => {
        const conns = list.map((keys, index) => {
          const lines = Object.entries(keys).map(([key, value]) => `  ${key}=${value}\n`);
          return `conn c${index}\n${lines.join("")}`;
        });
        const conversion = convert(`config setup\n  strictcrlpolicy=${policy}\n  uniqueids=${uniqueids}\n${conns.join("\n")}`);
        expect(conversion.problems).toEqual([]);
        expect(conversion.connections).toHaveLength(list.length);
        expect(verifyConversion(conversion, conversion.text)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ["rightid=%@sun", "rightid=%@sun"],
    [`leftca="C=CH, CN=CA"`, "leftca"],
    ["leftgroups=a", "leftgroups"],
    ["rightsourceip=%config", "rightsourceip=%config"],
    ["rightdns=10.0.0.1", "rightdns"],
    ["replay_window=70000", "replay_window"],
    ["leftcert=%smartcard:45", "leftcert=%smartcard"],
    ["rightcert=moonCert.asc", "leftcert, rightcert"],
  ])("names %s, which swanctl.conf has no place for, and leaves the connection out", (setting, keyword) => {
    const { problems, text, connections: converted } = convert(`conn a\n  ${setting}\n  auto=add\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`ipsec.conf:1: conn a: `);
    expect(problems[0]).toContain(keyword);
    expect(converted).toEqual([]);
    expect(text).toMatch(/^# conn a is not converted: /);
  });

  it("keeps comments at the section that they belong to", () => {
    const { text } = convert(
      '# of the file\n\n# of a\nconn a\n  # inside\n  leftid="a#b" # behind\n  auto=add\n\n# of b\nconn b\n  auto=add\n',
    );
    expect(text).toMatch(/^# of the file\n# of a\n# inside\n# behind\nconnections \{\n {2}a \{/);
    expect(text).toMatch(/\n# of b\nconnections \{\n {2}b \{/);
    expect(text).toContain(`id = "a#b"`);
  });

  it("turns each kind of secret into its section, and tells which files to copy", () => {
    const conf = file("ipsec.conf", "conn a\n  auto=add\n");
    const secrets = file(
      "ipsec.secrets",
      '@a @b : PSK "it is"\n: RSA moon.pem "pw"\n: ECDSA plain.pem\ncarol : EAP Ar3et4\ndave : XAUTH 0x0102\nx : NTLM 0x00112233445566778899aabbccddeeff\n: P12 box.p12 %prompt\n',
    );
    const { text, notes, problems } = convertIpsecConf(conf, secrets);
    expect(problems).toEqual([]);
    expect(text).toContain("ike-1 {\n    id-1 = @a\n    id-2 = @b\n    secret = 0x6974206973\n");
    expect(text).toContain("private-1 {\n    file = moon.pem\n    secret = pw\n");
    expect(text).toContain("eap-1 {\n    id-1 = carol\n    secret = Ar3et4\n");
    expect(text).toContain("xauth-1 {\n    id-1 = dave\n    secret = 0x0102\n");
    expect(text).toContain("secret = 0x00112233445566778899aabbccddeeff");
    expect(notes.join("\n")).toMatch(/ECDSA: copy 'plain.pem'.*\n.*P12: copy 'box.p12'.*asked for/);
  });

  it("finds what a changed swanctl.conf loads otherwise, by its path", () => {
    const conversion = convert("conn a\n  right=10.0.0.1\n  leftsubnet=10.1.0.0/16\n  auto=add\n");
    const found = verifyConversion(conversion, conversion.text.replace("10.1.0.0/16", "10.2.0.0/16"));
    expect(found).toEqual(['a.children.0.localTs.0: "10.1.0.0/16" in the source, "10.2.0.0/16" in swanctl.conf']);
    expect(verifyConversion(conversion, "")).toEqual(["a: not in swanctl.conf"]);
  });
});

describe("cygnet migrate convert", () => {
  it("writes a file that only its owner reads, says that it verified, and writes over nothing", async () => {
    const conf = file("ipsec.conf", "conn a\n  auto=add\n");
    const output = join(folder, "swanctl.conf");
    const terminal = new CollectingTerminal();
    const argv = ["convert", "--verify", "--output", output, conf];
    expect(await migrateCommand(argv, terminal, sources)).toBe(0);
    expect(terminal.errors).toContain("verified: 1 connections load the same from both forms\n");
    expect(readFileSync(output, "utf8")).toContain("connections {\n  a {");
    expect(statSync(output).mode & 0o777).toBe(0o600);
    await expect(migrateCommand(argv, terminal, sources)).rejects.toThrow("cannot be written");
  });

  it("fails with the place of what it cannot read", async () => {
    const terminal = new CollectingTerminal();
    await expect(migrateCommand(["convert", join(folder, "none.conf")], terminal, sources)).rejects.toMatchObject({
      code: "CYG_CLI_USAGE",
    });
    await expect(migrateCommand(["convert", "--nothing"], terminal, sources)).rejects.toMatchObject({ code: "CYG_CLI_USAGE" });
  });
});
