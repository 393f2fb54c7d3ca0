import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "./harness/command.js";
import { until } from "./harness/deadline.js";
import { HOSTS, Network } from "./harness/network.js";
import { afterTest, startDaemon } from "./harness/pair.js";
import { requireAll } from "./harness/requirements.js";

requireAll(["root", "namespaces", "strongswan", "build"]);

const SESSIONS = 3;
const LOAD = "random nonce aes sha1 sha2 hmac gmp load-tester socket-default stroke";

describe("source addresses of a load test", () => {
  it("are put on the interface, used one per IKE_SA, and gone afterwards", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
    afterTest(async () => rmSync(folder, { recursive: true, force: true }));
    const network = await Network.create();
    afterTest(() => network.close());
    const start = (name: "moon" | "sun", more: string): ReturnType<typeof startDaemon> =>
      startDaemon({
        kind: "cygnet",
        name,
        folder: join(folder, name),
        on: network.on(name),
        load: LOAD,
        settings: "dos_protection = no\n reuse_ikesa = no",
        plugins: `load-tester { enable = yes
          fake_kernel = yes
          initiator_auth = psk
          responder_auth = psk
          responder = ${HOSTS.sun.v4}
          ${more}
        }`,
      });
    const sun = await start("sun", "");
    const addresses = Array.from({ length: SESSIONS }, (_, i) => `192.0.2.${101 + i}`);
    const pool = `addrs { veth = ${addresses[0]}-${addresses.at(-1)}\n }\n addrs_prefix = 24`;
    const moon = await start("moon", `initiators = 1\n iterations = ${SESSIONS}\n ${pool}`);
    const sas = await until(
      () => `${SESSIONS} IKE_SAs\n${moon.log.tail()}`,
      async () => {
        const text = await sun.sas();
        return text.includes(`(${SESSIONS} up,`) && text;
      },
    );
    for (const address of addresses) expect(sas).toContain(`...${address}[c`);
    const installed = (): Promise<string> =>
      run("ip", ["-n", network.namespace("moon"), "-brief", "address", "show", "dev", "veth"]);
    for (const address of addresses) expect(await installed()).toContain(` ${address}/24`);
    expect(await moon.stop()).toBe(0);
    for (const address of addresses) expect(await installed()).not.toContain(address);
  });
});
