import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import type { HostName } from "./harness/network.js";
import { Pair } from "./harness/pair.js";
import type { PairPlan } from "./harness/pair.js";
import { Pki } from "./harness/pki.js";
import type { Issued, KeyName } from "./harness/pki.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

let pki: Pki;
let root: Issued;
// Once, and not where the tests are skipped.
beforeEach(async () => {
  pki ??= new Pki();
  root ??= await pki.authority("root", { key: "rsa2048" });
});
afterAll(() => pki?.close());

/** Files of a host: the authorities it trusts and those it only sends along, its certificate and key. */
function files(
  host: Issued,
  authorities: readonly Issued[],
  others: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const all: Record<string, string> = {
    [`ipsec.d/certs/${host.name}.pem`]: host.certificate,
    [`ipsec.d/private/${host.name}.key`]: host.key,
    ...others,
  };
  for (const { name, certificate } of authorities) all[`ipsec.d/cacerts/${name}.pem`] = certificate;
  return all;
}

const side = (host: HostName): Record<string, string> => ({ authby: "pubkey", leftcert: `${host}.pem`, leftsendcert: "ifasked" });

/** The pair with certificates in place of the secret. */
async function start(
  plan: PairPlan,
  hosts: { readonly moon: Record<string, string>; readonly sun: Record<string, string> },
): Promise<Pair> {
  const pair = await Pair.start({
    ...plan,
    moonSetup: { ...plan.moonSetup, files: hosts.moon },
    sunSetup: { ...plan.sunSetup, files: hosts.sun },
    moonConn: { ...side("moon"), ...plan.moonConn },
    sunConn: { ...side("sun"), ...plan.sunConn },
  });
  for (const host of ["moon", "sun"] as const) await pair[host].secrets(`: PKCS8 ${host}.key`);
  return pair;
}

const SCHEMES: readonly (readonly [KeyName, string])[] = [
  ["rsa2048", "RSA_EMSA_PKCS1_SHA2_256"],
  ["rsa4096", "RSA_EMSA_PKCS1_SHA2_384"],
  ["ecdsa256", "ECDSA_WITH_SHA256_DER"],
  ["ecdsa384", "ECDSA_WITH_SHA384_DER"],
  ["ecdsa521", "ECDSA_WITH_SHA512_DER"],
  ["ed25519", "ED25519"],
  ["ed448", "ED448"],
];

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  it.each(SCHEMES)("authenticate each other with %s keys, by %s", async (key, scheme) => {
    const hosts = { moon: await pki.host("moon", root, { key }), sun: await pki.host("sun", root, { key }) };
    const pair = await start({ moon, sun }, { moon: files(hosts.moon, [root]), sun: files(hosts.sun, [root]) });
    await pair.moon.up();
    const names = { moon: "moon.example.org", sun: "sun.example.org" } as const;
    for (const [host, other] of [
      ["moon", "sun"],
      ["sun", "moon"],
    ] as const) {
      const { log } = pair[host];
      await log.seen(new RegExp(`authentication of '${names[host]}' \\(myself\\) with ${scheme} successful`));
      await log.seen(new RegExp(`received end entity cert "C=CH, O=cygnet, CN=${names[other]}"`));
      await log.seen(/using trusted ca certificate "C=CH, O=cygnet, CN=root"/);
      await log.seen(/reached self-signed root ca with a path length of 0/);
      await log.seen(new RegExp(`authentication of '${names[other]}' with ${scheme} successful`));
    }
    expect(await pair.moon.sas()).toContain("INSTALLED, TUNNEL");
  });

  it("authenticate each other where cygnet has several shards", async () => {
    const hosts = { moon: await pki.host("moon", root), sun: await pki.host("sun", root) };
    const pair = await start(
      { moon, sun, settings: "shards = 2" },
      { moon: files(hosts.moon, [root]), sun: files(hosts.sun, [root]) },
    );
    await pair.moon.up();
    expect(await pair.sun.sas()).toContain("INSTALLED, TUNNEL");
  });

  it("send a chain of intermediates in fragments", async () => {
    const first = await pki.authority("first", { key: "rsa4096", issuer: root });
    const second = await pki.authority("second", { key: "rsa4096", issuer: first });
    const hosts = { moon: await pki.host("moon", second, { key: "rsa4096" }), sun: await pki.host("sun", root) };
    const pair = await start({ moon, sun }, { moon: files(hosts.moon, [root, first, second]), sun: files(hosts.sun, [root]) });
    await pair.moon.up();
    const { log } = pair.sun;
    await log.seen(/received issuer cert "C=CH, O=cygnet, CN=second"/);
    await log.seen(/received issuer cert "C=CH, O=cygnet, CN=first"/);
    await log.seen(/using untrusted intermediate certificate "C=CH, O=cygnet, CN=second"/);
    await log.seen(/reached self-signed root ca with a path length of 2/);
    await log.seen(/parsed IKE_AUTH request 1 \[ EF\(3\/\d\) \]/);
  });

  it("take an authority's signatures with SHA-224", async () => {
    const authority = await pki.authority("old", { key: "rsa2048" });
    const hosts = {
      moon: await pki.host("moon", authority, { options: ["--digest", "sha224"] }),
      sun: await pki.host("sun", authority, { options: ["--digest", "sha224"] }),
    };
    const pair = await start({ moon, sun }, { moon: files(hosts.moon, [authority]), sun: files(hosts.sun, [authority]) });
    await pair.moon.up();
  });

  it("refuse a certificate that was revoked", async () => {
    const hosts = { moon: await pki.host("moon", root), sun: await pki.host("sun", root) };
    const crl = { "ipsec.d/crls/root.pem": await pki.crl(root, [hosts.moon]) };
    const pair = await start({ moon, sun }, { moon: files(hosts.moon, [root]), sun: files(hosts.sun, [root], crl) });
    await expect(pair.moon.up()).rejects.toThrow("received AUTHENTICATION_FAILED notify error");
    await pair.sun.log.seen(/certificate was revoked on .*, reason: key compromise/);
  });

  it("find a certificate good that the list does not have", async () => {
    const hosts = { moon: await pki.host("moon", root), sun: await pki.host("sun", root) };
    const crl = { "ipsec.d/crls/root.pem": await pki.crl(root, [hosts.sun]) };
    const pair = await start({ moon, sun }, { moon: files(hosts.moon, [root]), sun: files(hosts.sun, [root], crl) });
    await pair.moon.up();
    await pair.sun.log.seen(/crl correctly signed by "C=CH, O=cygnet, CN=root"/);
    await pair.sun.log.seen(/certificate status is good/);
  });

  it("refuse a certificate that has expired", async () => {
    const hosts = {
      moon: await pki.host("moon", root, {
        options: ["--dateform", "%F", "--not-before", "2020-01-01", "--not-after", "2021-01-01"],
      }),
      sun: await pki.host("sun", root),
    };
    const pair = await start({ moon, sun }, { moon: files(hosts.moon, [root]), sun: files(hosts.sun, [root]) });
    await expect(pair.moon.up()).rejects.toThrow("received AUTHENTICATION_FAILED notify error");
    await pair.sun.log.seen(/subject certificate invalid \(valid from .* to .*\)/);
    await pair.sun.log.seen(/no trusted ECDSA public key found for 'moon.example.org'/);
  });

  it("refuse a certificate of an authority that is not trusted", async () => {
    const stranger = await pki.authority("stranger");
    const hosts = { moon: await pki.host("moon", stranger), sun: await pki.host("sun", root) };
    const pair = await start(
      { moon, sun, moonConn: { leftsendcert: "always" } },
      { moon: files(hosts.moon, [root, stranger]), sun: files(hosts.sun, [root]) },
    );
    await expect(pair.moon.up()).rejects.toThrow("received AUTHENTICATION_FAILED notify error");
    await pair.sun.log.seen(/no issuer certificate found for "C=CH, O=cygnet, CN=moon.example.org"/);
  });

  it("hold the peer to rightauth", async () => {
    const hosts = { moon: await pki.host("moon", root, { key: "rsa2048" }), sun: await pki.host("sun", root) };
    const pair = await start(
      { moon, sun, sunConn: { rightauth: "rsa-4096-sha256" } },
      { moon: files(hosts.moon, [root]), sun: files(hosts.sun, [root]) },
    );
    await expect(pair.moon.up()).rejects.toThrow("received AUTHENTICATION_FAILED notify error");
    await pair.sun.log.seen(/RSA-2048 signatures not acceptable/);
  });

  it("sign with RSASSA-PSS", async () => {
    const hosts = {
      moon: await pki.host("moon", root, { key: "rsa2048" }),
      sun: await pki.host("sun", root, { key: "rsa2048" }),
    };
    const pair = await start(
      { moon, sun, settings: "rsa_pss = yes" },
      { moon: files(hosts.moon, [root]), sun: files(hosts.sun, [root]) },
    );
    await pair.moon.up();
    for (const host of ["moon", "sun"] as const)
      await pair[host].log.seen(/authentication of '.*' with RSA_EMSA_PSS_SHA2_256_SALT_32 successful/);
  });

  it.each(["rsa2048", "ecdsa384"] as const)("sign with %s keys as before RFC 7427", async (key) => {
    const hosts = { moon: await pki.host("moon", root, { key }), sun: await pki.host("sun", root, { key }) };
    const pair = await start(
      { moon, sun, settings: "signature_authentication = no" },
      { moon: files(hosts.moon, [root]), sun: files(hosts.sun, [root]) },
    );
    await pair.moon.up();
    const method = key === "rsa2048" ? "RSA signature" : "ECDSA-384 signature";
    for (const host of ["moon", "sun"] as const)
      await pair[host].log.seen(new RegExp(`authentication of '.*' with ${method} successful`));
  });
});

describe("lists", () => {
  it("print certificates and revocation lists as strongSwan does", async () => {
    const moonCert = await pki.host("moon", root, {
      key: "rsa2048",
      // Made for so many days, it would have one less a second later, between the two lists.
      options: [
        "--flag",
        "serverAuth",
        "--flag",
        "crlSign",
        "--dateform",
        "%F",
        "--not-before",
        "2020-01-01",
        "--not-after",
        "2049-12-31",
      ],
    });
    const crl = { "ipsec.d/crls/root.pem": await pki.crl(root, [await pki.host("gone", root)]) };
    const all = files(moonCert, [root], crl);
    const pair = await start(
      { moon: "cygnet", sun: "strongswan", sunConn: { leftcert: "moon.pem", leftid: "@moon.example.org", rightid: "%any" } },
      { moon: all, sun: { ...all, "ipsec.d/private/sun.key": moonCert.key } },
    );
    for (const what of ["listcerts", "listcacerts", "listcrls"]) {
      const ours = await pair.moon.stroke(what);
      expect(ours).toBe(await pair.sun.stroke(what));
      expect(ours).toContain("C=CH, O=cygnet, CN=root");
    }
  });
});
