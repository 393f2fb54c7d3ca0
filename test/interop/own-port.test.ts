import { describe, expect, it } from "vitest";
import { until } from "./harness/deadline.js";
import { HOSTS } from "./harness/network.js";
import { Pair } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const PORT = 6000;
const SHARDS = 4;
const LOAD =
  "random nonce aes des sha1 sha2 md5 hmac xcbc cmac kdf fips-prf gmp openssl curve25519 gcm attr resolve socket-dynamic stroke load-tester counters";

describe.each([1, SHARDS])("a connection with leftikeport, with socket-dynamic and %i shards", (shards) => {
  const start = (): Promise<Pair> =>
    Pair.start({
      moon: "cygnet",
      sun: "strongswan",
      settings: "reuse_ikesa = no",
      moonSetup: { load: LOAD, settings: `reuse_ikesa = no\n shards = ${shards}` },
      conn: { mobike: "no" },
      moonConn: { leftikeport: PORT },
    });
  const from = (port: number, to: number): RegExp =>
    new RegExp(`^received packet: from ${HOSTS.moon.v4}\\[${port}\\] to ${HOSTS.sun.v4}\\[${to}\\]`);

  it("comes from that port to strongSwan, and stays there when it floats", async () => {
    const pair = await start();
    await pair.moon.up();
    // strongSwan's kernel-libipsec wants UDP encapsulation, and so pretends that there is a NAT.
    await pair.sun.log.seen(from(PORT, 500));
    await pair.sun.log.seen(from(PORT, 4500));
    // The peer's own requests come to that port.
    await pair.sun.strokeFor("CHILD_SA {1} closed successfully", "down", "net{}");
    await pair.moon.log.seen(/^received DELETE for ESP CHILD_SA with SPI [0-9a-f]{8}$/);
    await pair.sun.strokeFor("IKE_SA [1] closed successfully", "down", "net");
    await until("the IKE_SA to go", async () => (await pair.moon.sas()).includes("(0 up, 0 connecting)"));
  });

  it("may be set up several times from the one port", async () => {
    const pair = await start();
    for (let i = 0; i < SHARDS; i++) await pair.moon.up();
    await until("all to be up", async () => (await pair.sun.sas()).includes(`(${SHARDS} up, 0 connecting)`));
    expect(await pair.moon.sas()).toContain(`(${SHARDS} up, 0 connecting)`);
    await pair.sun.stroke("down", "net[*]");
    await until("all to be gone", async () => (await pair.moon.sas()).includes("(0 up, 0 connecting)"));
  });
});
