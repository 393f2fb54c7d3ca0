import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { DaemonKind } from "./harness/daemon.js";
import { until } from "./harness/deadline.js";
import { Pair } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const HOSTS = ["moon", "sun"] as const;
const VERBS = ["up-client", "down-client"] as const;

/** What the scripts of two daemons of a kind were told in a setup and its end: of moon up and down, of sun up and down. */
async function variables(kind: DaemonKind): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-updown-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = (host: string): string => {
    const file = join(folder, host);
    const lines = [`env | grep ^PLUTO_ > ${file}.new`, `mv ${file}.new ${file}.$PLUTO_VERB`, "echo told"];
    writeFileSync(file, lines.join("\n"));
    return `/bin/sh ${file}`;
  };
  const pair = await Pair.start({
    moon: kind,
    sun: kind,
    moonConn: { leftsubnet: "", leftsourceip: "%config", leftupdown: script("moon") },
    sunConn: {
      rightsubnet: "",
      rightsourceip: "10.3.0.0/28",
      leftupdown: script("sun"),
      lefthostaccess: "yes",
      mark_in: 5,
      mark_out: "6/0xff",
    },
  });
  await pair.moon.up();
  for (const host of HOSTS) await pair[host].log.seen("updown: told");
  await pair.moon.strokeFor("closed successfully", "down", "net");
  const files = HOSTS.flatMap((host) => VERBS.map((verb) => join(folder, `${host}.${verb}`)));
  await until("the scripts to run", () => files.every((file) => existsSync(file)));
  return files.map((file) => readFileSync(file, "utf8").trim().split("\n").sort());
}

it("tells scripts what strongSwan tells them", async () => {
  const ours = await variables("cygnet");
  const theirs = await variables("strongswan");
  // Without ESP in the kernel, strongSwan always has it in UDP.
  const comparable = (lines: string[]): string[] => lines.filter((line) => !line.startsWith("PLUTO_UDP_ENC="));
  expect(ours).toEqual(theirs.map(comparable));
});
