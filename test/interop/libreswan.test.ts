import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFailed } from "vitest";
import { until } from "./harness/deadline.js";
import type { IkeDaemon } from "./harness/daemon.js";
import { Libreswan, subnetsOf } from "./harness/libreswan.js";
import { HOSTS, Network } from "./harness/network.js";
import { afterTest, conn, startDaemon } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll([...STRONGSWAN_PEER, "libreswan"]);

const SECRETS = '@moon.example.org @sun.example.org : PSK "an interoperable secret"\n';

/** cygnet on moon, libreswan on sun, and the connection `net` on both. */
async function start(
  ike: readonly [ours: string, theirs: string],
  esp: readonly [ours: string, theirs: string],
): Promise<{ moon: IkeDaemon; sun: Libreswan }> {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  const network = await Network.create();
  afterTest(() => network.close());
  const sun = await Libreswan.start({
    folder: join(folder, "sun"),
    on: network.on("sun"),
    address: HOSTS.sun.v4,
    secrets: SECRETS,
  });
  afterTest(() => sun.stop());
  onTestFailed(() => void process.stderr.write(`--- sun (libreswan) ---\n${sun.log.tail(40)}\n`));
  await sun.load("net", subnetsOf(ike[1], esp[1]));
  const moon = await startDaemon({ kind: "cygnet", name: "moon", folder: join(folder, "moon"), on: network.on("moon") });
  await moon.secrets(SECRETS);
  await moon.load(conn("net", "moon", { ike: `${ike[0]}!`, esp: `${esp[0]}!`, reauth: "no" }));
  return { moon, sun };
}

/** What each calls the same algorithms. */
const GCM = { ike: ["aes256gcm16-prfsha256-ecp256", "aes_gcm256-sha2_256-ecp_256"], esp: ["aes128gcm16", "aes_gcm128"] } as const;
const CBC = { ike: ["aes128-sha256-modp2048", "aes128-sha2_256-modp2048"], esp: ["aes256-sha256", "aes256-sha2_256"] } as const;

const spis = (sas: string): string => /INSTALLED, TUNNEL, .* SPIs: ([0-9a-f]{8}_i [0-9a-f]{8}_o)/.exec(sas)?.[1] ?? "";
const ikeSpi = (sas: string): string => /IKEv2 SPIs: ([0-9a-f]{16})/.exec(sas)?.[1] ?? "";
const one = (sas: string): boolean => sas.includes("(1 up, 0 connecting)") && sas.split("INSTALLED").length === 2;

describe("libreswan", () => {
  it.each([GCM, CBC])("answers cygnet with $esp.0 and goes when told to", async ({ ike, esp }) => {
    const { moon, sun } = await start(ike, esp);
    await moon.up();
    const [ours, theirs] = spis(await moon.sas())
      .split(" ")
      .map((spi) => spi.slice(0, 8));
    await sun.log.seen(new RegExp(`responder established Child SA using #1; .*ESP=>0x${ours} <0x${theirs} `));
    await moon.strokeFor("IKE_SA [1] closed successfully", "down", "net");
    await sun.log.seen("deleting state (STATE_V2_ESTABLISHED_IKE_SA)");
  });

  it.each([GCM, CBC])("is answered by cygnet with $esp.0, which goes when told to", async ({ ike, esp }) => {
    const { moon, sun } = await start(ike, esp);
    const { stdout } = await sun.whack("--name", "net", "--initiate");
    expect(stdout).toContain("initiator established Child SA using #1");
    const [ours, theirs] = spis(await moon.sas())
      .split(" ")
      .map((spi) => spi.slice(0, 8));
    expect(stdout).toMatch(new RegExp(`ESP=>0x${ours} <0x${theirs} `));
    await sun.whack("--name", "net", "--terminate");
    await until("the SAs to go", async () => (await moon.sas()).includes("(0 up, 0 connecting)"));
  });

  it("rekeys with cygnet, whoever begins", async () => {
    // With perfect forward secrecy, which libreswan insists on by default.
    const { moon, sun } = await start(GCM.ike, ["aes128gcm16-ecp256", "aes_gcm128;dh19"]);
    await moon.up();
    const actions = [
      { what: spis, begin: () => moon.stroke("rekey", "net{}") },
      { what: ikeSpi, begin: () => moon.stroke("rekey", "net") },
      { what: spis, begin: () => sun.whack("--name", "net", "--rekey-ipsec") },
      { what: ikeSpi, begin: () => sun.whack("--name", "net", "--rekey-ike") },
      { what: spis, begin: () => moon.stroke("rekey", "net{}") },
    ];
    for (const [at, { what, begin }] of actions.entries()) {
      await until("one of each SA", async () => one(await moon.sas()));
      const before = what(await moon.sas());
      await begin();
      await until(`rekeying ${at}`, async () => {
        const sas = await moon.sas();
        return one(sas) && what(sas) !== before;
      });
    }
  });

  it("is told NO_PROPOSAL_CHOSEN and AUTHENTICATION_FAILED", async () => {
    const { moon, sun } = await start(GCM.ike, GCM.esp);
    await moon.load(conn("other", "moon", { ike: "aes128-sha1-modp2048!" }));
    await moon.strokeFor("received NO_PROPOSAL_CHOSEN notify error", "up", "other");
    await moon.secrets('@mars.example.org : PSK "another"');
    await moon.load(conn("mars", "moon", { leftid: "@mars.example.org", ike: `${GCM.ike[0]}!`, esp: `${GCM.esp[0]}!` }));
    await moon.strokeFor("received AUTHENTICATION_FAILED notify error", "up", "mars");
    await sun.log.seen(
      "responding to IKE_SA_INIT message (ID 0) from 192.0.2.1:500 with unencrypted notification NO_PROPOSAL_CHOSEN",
    );
  });
});
