import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "./harness/deadline.js";
import { HOSTS, Network } from "./harness/network.js";
import { afterTest, startDaemon } from "./harness/pair.js";
import { Pki } from "./harness/pki.js";
import type { Issued, KeyName } from "./harness/pki.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const SESSIONS = 5;
const LOAD = "random nonce aes sha1 sha2 hmac gmp openssl load-tester socket-default stroke";

let pki: Pki;
beforeEach(() => void (pki ??= new Pki()));
afterAll(() => pki?.close());

/** A gateway for the load test, strongSwan with the certificate of a host. */
const gateway = (remote: string): string => `conn gateway
  left=${HOSTS.sun.v4}
  right=%any
  leftid=sun.example.org
  leftcert=sun.pem
  rightid="${remote}"
  leftauth=pubkey
  rightauth=pubkey
  leftsubnet=${HOSTS.sun.subnet}
  ike=aes128-sha256-modp2048!
  esp=aes128-sha256!
  auto=add
`;

async function start(key: KeyName, digest: string, more = "") {
  const issuer: Issued = await pki.authority("issuer", { key });
  const root = await pki.authority("root");
  const host = await pki.host("sun", root);
  const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  const network = await Network.create();
  afterTest(() => network.close());
  const sun = await startDaemon({
    kind: "strongswan",
    name: "sun",
    folder: join(folder, "sun"),
    on: network.on("sun"),
    files: {
      "ipsec.d/certs/sun.pem": host.certificate,
      "ipsec.d/private/sun.key": host.key,
      "ipsec.d/cacerts/root.pem": root.certificate,
      "ipsec.d/cacerts/issuer.pem": issuer.certificate,
    },
  });
  await sun.secrets(": PKCS8 sun.key");
  await sun.load(gateway(more === "" ? "CN=*, OU=load-test, O=strongSwan" : "*@example.org"));
  const moonFolder = join(folder, "moon");
  const moon = await startDaemon({
    kind: "cygnet",
    name: "moon",
    folder: moonFolder,
    on: network.on("moon"),
    load: LOAD,
    settings: "dos_protection = no\n reuse_ikesa = no",
    plugins: `load-tester { enable = yes
      fake_kernel = yes
      initiators = 1
      iterations = ${SESSIONS}
      initiator = ${HOSTS.moon.v4}
      responder = ${HOSTS.sun.v4}
      responder_id = sun.example.org
      proposal = aes128-sha256-modp2048
      esp = aes128-sha256
      digest = ${digest}
      issuer_cert = ${join(moonFolder, "issuer.pem")}
      issuer_key = ${join(moonFolder, "issuer.key")}
      ca_dir = ${join(moonFolder, "ipsec.d/cacerts")}
      initiator_tsr = ${HOSTS.sun.subnet}
      ${more}
    }`,
    files: { "issuer.pem": issuer.certificate, "issuer.key": issuer.key, "ipsec.d/cacerts/root.pem": root.certificate },
  });
  return { moon, sun };
}

describe("a load test with certificates, towards strongSwan", () => {
  it.each([
    ["rsa2048", "sha1"],
    ["rsa2048", "sha512"],
    ["ecdsa256", "sha256"],
    ["ed25519", "sha256"],
  ] as const)("is let in by who trusts its issuer (%s, %s)", async (key, digest) => {
    const { moon, sun } = await start(key, digest);
    await until(
      () => `${SESSIONS} IKE_SAs\n${moon.log.tail()}\n${sun.log.tail()}`,
      async () => (await sun.sas()).includes(`(${SESSIONS} up,`),
    );
    for (let number = 1; number <= SESSIONS; number++)
      await sun.log.seen(new RegExp(`received end entity cert "CN=c${number}-r1, OU=load-test, O=strongSwan"`));
    await sun.log.seen(/using trusted ca certificate "C=CH, O=cygnet, CN=issuer"/);
  });

  it("is let in by alternative names of its certificates", async () => {
    const { moon, sun } = await start("rsa2048", "sha256", "initiator_id = c%d@example.org");
    await until(
      () => `${SESSIONS} IKE_SAs\n${moon.log.tail()}\n${sun.log.tail()}`,
      async () => (await sun.sas()).includes(`(${SESSIONS} up,`),
    );
    expect(await sun.sas()).toContain("...192.0.2.1[c1@example.org]");
  });
});

describe("a load test with certificates, called by strongSwan", () => {
  it("proves itself with a certificate that is made for the occasion", async () => {
    const issuer = await pki.authority("issuer", { key: "rsa2048" });
    const host = await pki.host("moon", issuer);
    const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
    afterTest(async () => rmSync(folder, { recursive: true, force: true }));
    const network = await Network.create();
    afterTest(() => network.close());
    const sunFolder = join(folder, "sun");
    const sun = await startDaemon({
      kind: "cygnet",
      name: "sun",
      folder: sunFolder,
      on: network.on("sun"),
      load: LOAD,
      plugins: `load-tester { enable = yes
        fake_kernel = yes
        responder = ${HOSTS.sun.v4}
        initiator_id = x
        initiator_match = *.example.org
        responder_tsi = ${HOSTS.moon.subnet}
        responder_tsr = ${HOSTS.sun.subnet}
        proposal = aes128-sha256-modp2048
        esp = aes128-sha256
        issuer_cert = ${join(sunFolder, "issuer.pem")}
        issuer_key = ${join(sunFolder, "issuer.key")}
      }`,
      files: { "issuer.pem": issuer.certificate, "issuer.key": issuer.key },
    });
    const moon = await startDaemon({
      kind: "strongswan",
      name: "moon",
      folder: join(folder, "moon"),
      on: network.on("moon"),
      files: {
        "ipsec.d/certs/moon.pem": host.certificate,
        "ipsec.d/private/moon.key": host.key,
        "ipsec.d/cacerts/issuer.pem": issuer.certificate,
      },
    });
    await moon.secrets(": PKCS8 moon.key");
    await moon.load(`conn net
  left=${HOSTS.moon.v4}
  right=${HOSTS.sun.v4}
  leftid=moon.example.org
  leftcert=moon.pem
  leftsubnet=${HOSTS.moon.subnet}
  rightsubnet=${HOSTS.sun.subnet}
  rightid="CN=srv, OU=load-test, O=strongSwan"
  leftauth=pubkey
  rightauth=pubkey
  ike=aes128-sha256-modp2048!
  esp=aes128-sha256!
  auto=add
`);
    for (let i = 0; i < 2; i++) {
      await moon.up();
      await moon.stroke("down", "net");
    }
    await moon.log.seen(/received end entity cert "CN=srv, OU=load-test, O=strongSwan"/);
    await moon.log.seen(/authentication of 'CN=srv, OU=load-test, O=strongSwan' with RSA_EMSA_PKCS1_SHA2_256 successful/);
    await sun.log.seen(/authentication of 'moon\.example\.org' with ECDSA_WITH_SHA256_DER successful/);
  });
});
