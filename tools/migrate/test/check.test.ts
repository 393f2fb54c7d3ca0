import { CollectingTerminal } from "@cygnet/command/testing";
import { STRONGSWAN_OPTIONS } from "@cygnet/daemon";
import { text } from "@cygnet/plugin-api";
import stroke from "@cygnet/plugin-stroke";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OptionVerdicts, migrateCommand } from "../src/index.js";
import type { Finding, OptionSources } from "../src/index.js";

const FACTS = process.env["CYGNET_FACTS"] ?? join(import.meta.dirname, "../../../../shared/facts");
const needsFacts = process.env["CI"] !== "true" && !existsSync(FACTS) ? `there is no ${FACTS}` : undefined;

const sources: OptionSources = {
  starter: { config_file: text("/etc/ipsec.conf", "The ipsec.conf.") },
  plugin: (name) => Promise.resolve(name === "stroke" ? stroke : undefined),
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-migrate-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the command says of a file's keys, and its exit code. */
async function check(
  name: string,
  content: string,
): Promise<{ readonly code: number; readonly lines: readonly string[]; readonly file: string }> {
  const file = join(folder, name);
  writeFileSync(file, content);
  const terminal = new CollectingTerminal();
  const code = await migrateCommand(["check", file], terminal, sources);
  return { code, lines: terminal.output.replaceAll(`${file}:`, "").trim().split("\n"), file };
}

describe("cygnet migrate check", () => {
  it("gives each option of strongswan.conf its class, with line and reason", async () => {
    const { code, lines } = await check(
      "strongswan.conf",
      "charon {\n port = 500\n load = aes\n dlopen_use_rtld_now = yes\n cisco_unity = yes\n prot = 1\n filelog {\n a {\n ike = 2\n }\n }\n plugins {\n stroke {\n timeout = 5\n }\n dhcp {\n server = 10.0.0.1\n }\n }\n}\npki {\n load = x\n}\n",
    );
    expect(code).toBe(1);
    expect(lines).toEqual([
      "2: charon.port: works",
      expect.stringMatching(/^3: charon\.load: works differently \(.+\)$/),
      expect.stringMatching(/^4: charon\.dlopen_use_rtld_now: ignored by design \(.+\)$/),
      "5: charon.cisco_unity: not supported (an option of strongSwan that has no effect in this release)",
      "6: charon.prot: not supported (unknown option 'charon.prot')",
      "9: charon.filelog.a.ike: works",
      "14: charon.plugins.stroke.timeout: works",
      "17: charon.plugins.dhcp.server: not supported (this release has no plugin 'dhcp')",
      "22: pki.load: not supported (nothing in this release reads the section 'pki' for it)",
      "3 works, 1 works differently, 1 ignored by design, 4 not supported",
    ]);
  });

  it("says which values the daemon would not take, or take for others", async () => {
    const { code, lines } = await check(
      "values.conf",
      "charon {\n half_open_timeout = xyz\n port = 999999\n threads = 8\n dos_protection = on\n plugins {\n stroke {\n timeout = soon\n }\n }\n}\n",
    );
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^2: charon\.half_open_timeout: not supported \(.*'xyz' is not a/),
      expect.stringMatching(/^3: charon\.port: not supported \(.*999999.* at most 65535/),
      "4: charon.threads: works",
      expect.stringMatching(/^5: charon\.dos_protection: works differently \(.*'on' is neither yes nor no/),
      expect.stringMatching(/^8: charon\.plugins\.stroke\.timeout: not supported \(.*'soon' is not a number/),
      "1 works, 1 works differently, 0 ignored by design, 3 not supported",
    ]);
  });

  it("knows what nobody could authenticate by, and what no peer agrees to", async () => {
    const { lines } = await check(
      "ipsec.conf",
      "conn a\n leftauth=psk\n leftauth2=psk\n rightgroups=sales\n ike=aes128-sha256-x25519-ke1_mlkem768!\n",
    );
    expect(lines.slice(0, 4).map((line) => line.replace(/ \(.*\)$/, ""))).toEqual([
      "2: conn a.leftauth: works",
      "3: conn a.leftauth2: works",
      "4: conn a.rightgroups: not supported",
      "5: conn a.ike: not supported",
    ]);
  });

  it("takes the word of the stroke plugin for ipsec.conf", async () => {
    const { lines } = await check(
      "ipsec.conf",
      "config setup\n cachecrls=yes\n plutostart=no\nconn a\n also=b\n leftauth=eap-mschapv2\n leftsubnet=10.0.0.0/8\n compress=yes\n compress2=yes\n lifetime=abc\n mobike=yes\n pfs=no\n auto=add\nconn b\n keyexchange=ikev1\nca c\n crluri=http://a/\n cacert=c.pem\n",
    );
    expect(lines.map((line) => line.replace(/ \(.*\)$/, ""))).toEqual([
      "2: config setup.cachecrls: works",
      "3: config setup.plutostart: ignored by design",
      "6: conn a.leftauth: not supported",
      "7: conn a.leftsubnet: works",
      "8: conn a.compress: works",
      "9: conn a.compress2: not supported",
      "10: conn a.lifetime: not supported",
      "11: conn a.mobike: works",
      "12: conn a.pfs: ignored by design",
      "13: conn a.auto: works",
      "5: conn a.also: works",
      "15: conn b.keyexchange: not supported",
      "17: ca c.crluri: works",
      "18: ca c.cacert: works",
      expect.stringMatching(/^8 works, 0 works differently, 2 ignored by design, 4 not supported$/),
    ]);
  });

  it("takes the word of the vici plugin for swanctl.conf", async () => {
    const { lines } = await check(
      "swanctl.conf",
      "connections {\n a {\n mobike = yes\n ppk_id = x\n local {\n auth = eap\n }\n children {\n b {\n local_ts = 10.0.0.0/8\n per_cpu_sas = yes\n label = x\n label_mode = simple\n typo = 1\n }\n }\n }\n}\nsecrets {\n ike-1 {\n secret = x\n }\n}\n",
    );
    expect(lines).toEqual([
      "3: connections.a.mobike: works",
      expect.stringMatching(/^4: connections\.a\.ppk_id: not supported \(ppk_id = x cannot be used, as .*RFC 8784/),
      expect.stringMatching(/^6: connections\.a\.local\.auth: not supported \(EAP/),
      "10: connections.a.children.b.local_ts: works",
      expect.stringMatching(/^11: connections\.a\.children\.b\.per_cpu_sas: not supported/),
      "12: connections.a.children.b.label: works",
      "13: connections.a.children.b.label_mode: works",
      "14: connections.a.children.b.typo: not supported (unknown option: typo)",
      "21: secrets.ike-1.secret: works",
      "5 works, 0 works differently, 0 ignored by design, 4 not supported",
    ]);
  });

  it("tells entries of ipsec.secrets by their type, never by their secret", async () => {
    const { lines } = await check("ipsec.secrets", '@a : PSK "hidden"\ncarol : EAP hidden\n');
    expect(lines[0]).toBe("1: PSK: works");
    expect(lines[1]).toMatch(/^2: EAP: not supported/);
    expect(lines.join()).not.toContain("hidden");
  });

  it("ends with 0 where all works, and with --json prints a line for each key and the summary", async () => {
    const { code, file } = await check("strongswan.conf", "charon {\n port = 500\n}\n");
    expect(code).toBe(0);
    const terminal = new CollectingTerminal();
    await migrateCommand(["check", "--json", folder], terminal, sources);
    const rows = terminal.output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Finding);
    expect(rows[0]).toEqual({ file, line: 2, key: "charon.port", class: "works" });
    expect(rows.at(-1)).toHaveProperty("summary.works");
  });

  it("refuses what it cannot read, with the place", async () => {
    const terminal = new CollectingTerminal();
    const run = (path: string): Promise<number> => migrateCommand(["check", path], terminal, sources);
    await expect(run(join(folder, "none"))).rejects.toThrow("does not exist");
    const broken = join(folder, "broken.conf");
    writeFileSync(broken, "charon {\n");
    await expect(run(broken)).rejects.toThrow(/broken\.conf:\d/);
  });
});

describe("the classes", () => {
  const unknown = async (paths: readonly string[]): Promise<string[]> => {
    const verdicts = await OptionVerdicts.of(sources);
    const found: string[] = [];
    for (const path of paths) {
      const { why = "" } = await verdicts.verdict(path.split("."));
      if (why.startsWith("unknown option")) found.push(path);
    }
    return found;
  };

  it("are there for each option of strongSwan that the daemon knows the name of", async () => {
    expect(await unknown(STRONGSWAN_OPTIONS.map((option) => `charon.${option.replaceAll("NAME", "any")}`))).toEqual([]);
  });

  it.skipIf(needsFacts !== undefined)(
    `are there for each option of the facts${needsFacts ? ` (skipped: ${needsFacts})` : ""}`,
    async () => {
      const rows = readFileSync(join(FACTS, "options.tsv"), "utf8")
        .trim()
        .split("\n")
        .slice(1)
        .map((row) => row.split("\t"));
      const options = rows
        .filter(([, type]) => type !== "section")
        .map(([key]) => key.replace("<subsystem>", "ike").replace(/<[^>]+>/g, "any"));
      expect(options.length).toBeGreaterThan(300);
      expect(await unknown(options)).toEqual([]);
    },
  );
});
