import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { armour, makeKey } from "../../plugins/pgp/test/openpgp-keys.js";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import type { DaemonKind } from "./harness/daemon.js";
import type { HostName } from "./harness/network.js";
import { Pair } from "./harness/pair.js";
import type { Keywords } from "./harness/pair.js";
import { PGP_PEER, requireAll } from "./harness/requirements.js";

requireAll(PGP_PEER);

/** An OpenPGP key as GnuPG has made it. */
interface Made {
  readonly certificate: string;
  readonly key: string;
  /** In hex. */
  readonly fingerprint: string;
}

const LOAD: Readonly<Record<DaemonKind, string>> = {
  cygnet: "random nonce aes sha1 sha2 hmac kdf gmp openssl gcm x509 pgp pem pkcs1 socket-default stroke load-tester updown",
  strongswan:
    "random nonce aes sha1 sha2 md5 hmac kdf gmp openssl gcm x509 constraints pubkey pem pgp pkcs1 pkcs8 kernel-libipsec kernel-netlink socket-default stroke updown",
};
const USER_ID = { moon: "moon <moon@example.org>", sun: "sun <sun@example.org>" } as const;

let home: string | undefined;
let made: Readonly<Record<HostName, Made>>;

// Once, and not where the tests are skipped.
beforeEach(() => {
  if (home !== undefined) return;
  home = mkdtempSync(join(tmpdir(), "cygnet-gpg-"));
  made = { moon: make("moon"), sun: make("sun") };
});
afterAll(() => {
  if (home === undefined) return;
  execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
  rmSync(home, { recursive: true });
});

function gpg(...args: readonly string[]): string {
  const own = ["--homedir", home!, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--armor", ...args];
  return execFileSync("gpg", own, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

function make(host: HostName): Made {
  gpg("--quick-generate-key", USER_ID[host], "rsa2048", "sign", "never");
  const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(gpg("--with-colons", "--list-keys", USER_ID[host]))![1]!.toLowerCase();
  return { certificate: gpg("--export", USER_ID[host]), key: gpg("--export-secret-keys", USER_ID[host]), fingerprint };
}

/** A key of version 3, as GnuPG makes none any more. */
function makeOld(host: HostName): Made {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const { certificate, secret, digest } = makeKey({ version: 3, userIds: [USER_ID[host]], key });
  return {
    certificate: armour("PUBLIC KEY BLOCK", certificate),
    key: armour("PRIVATE KEY BLOCK", secret),
    fingerprint: digest.toString("hex"),
  };
}

async function start(
  moon: DaemonKind,
  sun: DaemonKind,
  moonConn: Keywords,
  sunConn: Keywords,
  keys: Readonly<Record<HostName, Made>> = made,
): Promise<Pair> {
  const setup = (host: HostName) => ({
    load: LOAD[host === "moon" ? moon : sun],
    files: {
      "ipsec.d/certs/moon.asc": keys.moon.certificate,
      "ipsec.d/certs/sun.asc": keys.sun.certificate,
      "ipsec.d/private/key.asc": keys[host].key,
    },
  });
  const pair = await Pair.start({
    moon,
    sun,
    moonSetup: setup("moon"),
    sunSetup: setup("sun"),
    conn: { authby: "pubkey" },
    moonConn: { leftcert: "moon.asc", rightcert: "sun.asc", ...moonConn },
    sunConn: { leftcert: "sun.asc", rightcert: "moon.asc", ...sunConn },
  });
  for (const host of ["moon", "sun"] as const) await pair[host].secrets(": RSA key.asc");
  return pair;
}

const colons = (hex: string): string => hex.match(/../g)!.join(":");

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  it("authenticate each other with OpenPGP keys, by user id and by fingerprint", async () => {
    const id = `@#${made.sun.fingerprint}`;
    const pair = await start(moon, sun, { leftid: "%any", rightid: id }, { leftid: id, rightid: "%any" });
    await pair.moon.up();
    const fingerprint = colons(made.sun.fingerprint);
    await pair.moon.log.seen(new RegExp(`authentication of '${fingerprint}' with RSA_EMSA_PKCS1_SHA2_256 successful`));
    await pair.sun.log.seen(new RegExp(`authentication of '${USER_ID.moon}' with RSA_EMSA_PKCS1_SHA2_256 successful`));
    await pair.sun.log.seen(new RegExp(`using trusted certificate "${USER_ID.moon}"`));
    expect(await pair.moon.stroke("status")).toContain(`192.0.2.1[${USER_ID.moon}]...192.0.2.2[${fingerprint}]`);
  });

  it("authenticate each other with OpenPGP keys of version 3", async () => {
    const keys = { moon: makeOld("moon"), sun: makeOld("sun") };
    const id = `@#${keys.moon.fingerprint}`;
    const pair = await start(moon, sun, { leftid: id, rightid: "%any" }, { leftid: "%any", rightid: id }, keys);
    await pair.moon.up();
    await pair.sun.log.seen(
      new RegExp(`authentication of '${colons(keys.moon.fingerprint)}' with RSA_EMSA_PKCS1_SHA2_256 successful`),
    );
    expect(await pair.sun.stroke("listcerts")).toContain(`  pgpDigest: ${colons(keys.sun.fingerprint)}\n`);
  });

  it("print the same of them", async () => {
    const pair = await start(moon, sun, { leftid: "%any", rightid: "%any" }, { leftid: "%any", rightid: "%any" });
    const blocks = async (host: HostName): Promise<string[]> =>
      (await pair[host].stroke("listcerts")).replace(", has private key", "").split("\n\n").toSorted();
    const text = await pair.moon.stroke("listcerts");
    expect(text).toContain("List of PGP End Entity Certificates\n\n");
    expect(text).toContain(`pgpDigest: ${colons(made.moon.fingerprint)}\n  pubkey:    RSA 2048 bits, has private key\n`);
    expect(text.match(/expires never/g)).toHaveLength(2);
    expect((await blocks("moon")).map((each) => each.trim())).toEqual((await blocks("sun")).map((each) => each.trim()));
  });

  it("take no harm from one that is sent", async () => {
    const always = { leftid: "%any", rightid: "%any", leftsendcert: "always" };
    const pair = await start(moon, sun, always, always);
    await pair.moon.up();
    for (const host of ["moon", "sun"] as const)
      if (pair[host].kind === "cygnet") await pair[host].log.seen(new RegExp(`sending end entity cert "${USER_ID[host]}"`));
  });
});

it("two cygnets take each other's from the message for what they have", async () => {
  const always = { leftid: "%any", rightid: "%any", leftsendcert: "always" };
  const pair = await start("cygnet", "cygnet", always, always);
  await pair.moon.up();
  await pair.moon.log.seen(new RegExp(`received end entity cert "${USER_ID.sun}"`));
  await pair.sun.log.seen(new RegExp(`received end entity cert "${USER_ID.moon}"`));
});
