import { Settings } from "@cygnet/settings";
import { existsSync, readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CollectingTerminal } from "@cygnet/command/testing";
import { describe, expect, it } from "vitest";
import { migrateCommand } from "../src/index.js";
import type { Finding } from "../src/index.js";

const FACTS = process.env["CYGNET_FACTS"] ?? join(import.meta.dirname, "../../../../shared/facts");
const needsFacts = process.env["CI"] !== "true" && !existsSync(FACTS) ? `there is no ${FACTS}` : undefined;

const SAMPLES: Readonly<Record<string, string>> = {
  "u64(k/m/g)": "1m",
  "list(OID)": "1.2.3.4",
  "u32|%unique|%unique-dir": "42",
  "value/mask|%unique|%same": "42",
  "value/mask|%same": "42",
  "value/mask": "42",
  "cidr|range": "10.0.0.0/24",
  list: "10.0.0.1",
  port: "500",
  bool: "yes",
  bits: "101110",
  time: "10m",
  int: "1",
  string: "a",
  "int|mtu": "16",
};

/** A value that an option of such a type has; of lists and texts their default says most. */
function sample(type: string, byDefault: string): string {
  if ((type === "list" || type === "string") && /^%?[a-z]+$/.test(byDefault)) return byDefault;
  return SAMPLES[type] ?? type.split("|")[0];
}

describe("the classes", () => {
  it.skipIf(needsFacts !== undefined)(
    `are there for each option of swanctl.conf${needsFacts ? ` (skipped: ${needsFacts})` : ""}`,
    async () => {
      const rows = readFileSync(join(FACTS, "swanctl-options.tsv"), "utf8").trim().split("\n").slice(1);
      const options = rows.map((row) => row.split("\t")).filter(([, type]) => type !== "section");
      expect(options.length).toBeGreaterThan(120);
      const folder = mkdtempSync(join(tmpdir(), "cygnet-migrate-"));
      try {
        const unknown: string[] = [];
        for (const [key, type, byDefault] of options) {
          const path = key
            .replaceAll("<suffix>", "-1")
            .replaceAll("<attr>", "dns")
            .replaceAll(/<[^>]+>/g, "any")
            .split(".");
          const isText = !["cert-1", "cacert-1"].includes(path.at(-1) ?? "");
          const content = path.reduceRight<object | string>(
            (inner, part) => ({ [part]: inner }),
            isText ? sample(type, byDefault) : { file: "a" },
          );
          const file = join(folder, "swanctl.conf");
          writeFileSync(file, Settings.fromObject(content as never).print());
          const terminal = new CollectingTerminal();
          await migrateCommand(["check", "--json", file], terminal, { starter: {}, plugin: () => Promise.resolve(undefined) });
          const [finding] = terminal.output.split("\n").map((line) => JSON.parse(line || "null") as Finding);
          if (finding.class === undefined || /unknown|invalid value/.test(finding.why ?? ""))
            unknown.push(`${key}: ${finding.why}`);
        }
        expect(unknown).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
