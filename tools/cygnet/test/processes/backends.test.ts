import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "@cygnet/load-test";
import { describe, expect, it } from "vitest";
import { CliProcess, run, testFolder, writeConf } from "./cli-process.js";

const PLUGIN_API = new URL("../../../../core/plugin-api/dist/index.js", import.meta.url).href;
const SESSIONS = 200;

/** Knows all peers of load tests but one, and takes its time to say so. */
const ON_DEMAND = `
import { AttributeManager, BackendManager, authRound, childDefinition, custom, definePlugin, peerDefinition } from ${JSON.stringify(PLUGIN_API)};
const later = (value) => new Promise((resolve) => setTimeout(resolve, 2, value));
const ike = { version: 2, proposals: ["aes128-sha1-modp768"] };
const peerOf = (id) => peerDefinition("of " + id, { ...ike,
  local: [authRound({ auth: "psk", id: "srv.strongswan.org" })],
  remote: [authRound({ auth: "psk", id })],
  pools: ["peers"],
  children: [childDefinition("net", { proposals: ["aes128-sha1"] })] });
const backend = { name: "on-demand",
  ikeConfigs: () => later([peerDefinition("anybody", ike)]),
  peerConfigs: ({ remoteId }) => remoteId.startsWith("c7-") ? Promise.reject(new Error("no such row")) : later([peerOf(remoteId)]) };
const secrets = { name: "on-demand",
  sharedSecrets: () => later([{ type: "IKE", owners: [], secret: Buffer.from("default-psk") }]) };
export default definePlugin({ name: "on-demand", api: "1.1", features: () => [{ provides: custom("on-demand"), on: "control", register: ({ resolve }) => {
  resolve(AttributeManager).addPool({ name: "peers", addresses: "10.3.0.0/16", attributes: [] });
  const undos = [resolve(BackendManager).addBackend(backend), resolve(BackendManager).addCredentialSet(secrets)];
  return () => undos.forEach((undo) => undo());
} }] });
`;

describe("a backend of a plugin", () => {
  it.each([1, 2])("is asked for each peer of a daemon with %i shards, and the profile has how long", async (shards) => {
    const folder = testFolder();
    const [port, natPort] = await freePorts(2);
    writeFileSync(join(folder, "on-demand.mjs"), ON_DEMAND);
    const conf = writeConf(folder, [
      "load = random nonce aes sha1 sha2 hmac gmp socket-default stroke on-demand",
      `shards = ${shards}`,
      `port = ${port}`,
      `port_nat_t = ${natPort}`,
      "dos_protection = no",
      "plugins { on-demand { package = ./on-demand.mjs\n } }",
    ]);
    const daemon = new CliProcess(["charon", "--conf", conf, "--piddir", folder]);
    await daemon.ready();
    const args = ["--sessions", String(SESSIONS), "--initiators", "20", "--responder", `127.0.0.1[${port}]`];
    const { output } = await run(["load-test", ...args, "--no-statusall"]);
    expect(output).toContain(`${SESSIONS - 1} of ${SESSIONS} set up, 1 failed`);
    expect(output).not.toContain("without a CHILD_SA");
    expect(daemon.output).toContain("backend 'on-demand' failed on peerConfigs: no such row");
    const { output: profile } = await run(["ipsec", "--piddir", folder, "profile"]);
    for (const asked of ["ikeConfigs", "peerConfigs", "sharedSecrets"]) expect(profile).toContain(`on-demand: ${asked} `);
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
  });
});
