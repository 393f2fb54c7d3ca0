import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { HOSTS } from "./harness/network.js";
import type { HostName } from "./harness/network.js";
import { Pair } from "./harness/pair.js";
import { Pki } from "./harness/pki.js";
import type { Issued } from "./harness/pki.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";
import { Swanctl } from "./harness/swanctl.js";

requireAll(STRONGSWAN_PEER);

let pki: Pki;
let root: Issued;
beforeEach(async () => {
  pki ??= new Pki();
  root ??= await pki.authority("root", { key: "ecdsa256" });
});
afterAll(() => pki?.close());

const PLUGINS = "random nonce aes sha1 sha2 hmac kdf gmp openssl";
const LOAD = {
  cygnet: `${PLUGINS} load-tester socket-default stroke vici`,
  strongswan: `${PLUGINS} x509 revocation constraints pubkey pkcs1 pkcs8 pem kernel-libipsec kernel-netlink socket-default stroke vici`,
};

/** A host's files below /etc/swanctl, and its connection. */
function configure(swanctl: Swanctl, host: HostName, own: Issued, remoteExtra = ""): void {
  const other = host === "moon" ? "sun" : "moon";
  const put = (folder: string, name: string, text: string): void => writeFileSync(join(swanctl.folder, folder, name), text);
  put("x509", `${host}.pem`, own.certificate);
  put("x509ca", "root.pem", root.certificate);
  put("private", `${host}.key`, own.key);
  swanctl.configure(`connections { net {
    version = 2
    proposals = aes128-sha1-modp2048
    local_addrs = ${HOSTS[host].v4}
    remote_addrs = ${HOSTS[other].v4}
    local { auth = pubkey
      certs = ${host}.pem
      id = ${host}.example.org }
    remote { auth = pubkey
      id = ${other}.example.org
      ${remoteExtra} }
    children { net {
      esp_proposals = aes128-sha1
      local_ts = ${HOSTS[host].subnet}
      remote_ts = ${HOSTS[other].subnet} } }
  } }`);
}

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  async function start(key: "rsa2048" | "ecdsa256" | "ed25519"): Promise<readonly [Pair, Swanctl, Swanctl]> {
    const pair = await Pair.start({ moon, sun, moonSetup: { load: LOAD[moon] }, sunSetup: { load: LOAD[sun] } });
    for (const end of [pair.moon, pair.sun]) await end.stroke("delete", "net");
    const all = [new Swanctl(pair.moon), new Swanctl(pair.sun)] as const;
    configure(all[0], "moon", await pki.host("moon", root, { key }));
    configure(all[1], "sun", await pki.host("sun", root, { key }), `cacerts = root.pem\n revocation = relaxed`);
    for (const swanctl of all) await swanctl.must("--load-all");
    return [pair, ...all];
  }

  it.each(["rsa2048", "ecdsa256", "ed25519"] as const)(
    "authenticate each other with %s keys out of swanctl's folders",
    async (key) => {
      const [pair, swanctl] = await start(key);
      expect(await swanctl.must("--initiate", "--child", "net")).toContain("initiate completed successfully");
      expect(await swanctl.must("--list-sas")).toMatch(/local {2}'moon\.example\.org'.*\n {2}remote 'sun\.example\.org'/);
      await pair.sun.log.seen(/authentication of 'moon.example.org' with .* successful/);
    },
  );

  it("print the same of certificates and connections as charon, but for what is a host's own", async () => {
    const [, first, second] = await start("ecdsa256");
    const plain = (text: string): string =>
      text
        .replace(/moon|sun|192\.0\.2\.[12]|10\.[12]\.0\.0/g, "HOST")
        .replace(/[0-9a-f:]{23,}/g, "HEX")
        .replace(/\n *cacerts: .*/g, "")
        .replace(/(not before|not after) .*/g, "$1")
        .replace(/serial: .*/g, "serial");
    const own = async (swanctl: Swanctl): Promise<string> =>
      plain(await swanctl.must("--list-certs", "--type", "x509", "--flag", "none"));
    expect(await own(first)).toBe(await own(second));
    expect(plain(await first.must("--list-conns"))).toBe(plain(await second.must("--list-conns")));
  });

  it("have no key any more whose file is gone when credentials are loaded again", async () => {
    const [, swanctl] = await start("ecdsa256");
    rmSync(join(swanctl.folder, "private", "moon.key"));
    await swanctl.must("--load-creds");
    const { code, stdout } = await swanctl.run("--initiate", "--child", "net");
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/no private key found for/);
  });
});
