import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Background, attempt } from "./harness/command.js";
import { until } from "./harness/deadline.js";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { HOSTS } from "./harness/network.js";
import type { HostName } from "./harness/network.js";
import { Pair } from "./harness/pair.js";
import { Pki } from "./harness/pki.js";
import type { Issued } from "./harness/pki.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";
import { Swanctl } from "./harness/swanctl.js";

requireAll([...STRONGSWAN_PEER, "openssl"]);

const OCSP_PORT = 8888;
const HTTP_PORT = 8889;
const CRL_URI = `http://127.0.0.1:${HTTP_PORT}/root.crl`;
const OCSP_URI = `http://127.0.0.1:${OCSP_PORT}/`;
const PLUGINS = "random nonce aes sha1 sha2 hmac kdf gmp openssl revocation curl";
const LOAD = {
  cygnet: `${PLUGINS} load-tester socket-default stroke vici`,
  strongswan: `${PLUGINS} x509 constraints pubkey pkcs1 pkcs8 pem kernel-libipsec kernel-netlink socket-default stroke vici`,
};
/** Serves a file to whoever asks. */
const SERVE = `require("node:http").createServer((q, a) => a.end(require("node:fs").readFileSync(process.argv[1]))).listen(${HTTP_PORT}, "127.0.0.1")`;

let pki: Pki;
let root: Issued;
/** The host's certificates: known to be good, and revoked. */
const issued = new Map<string, Issued>();
beforeAll(async () => {
  pki = new Pki();
  root = await pki.authority("root");
  for (const host of ["moon", "sun"])
    for (const state of ["good", "revoked"])
      issued.set(`${host} ${state}`, await pki.host(host, root, { options: ["--crl", CRL_URI, "--ocsp", OCSP_URI] }));
});
afterAll(() => pki.close());

const servers: Background[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/** Who answers: `openssl ocsp`, a web server with the list, nobody. */
type Source = "ocsp" | "crl" | "nobody";

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  async function start(source: Source, state: "good" | "revoked", revocation = "strict"): Promise<Pair> {
    const pair = await Pair.start({ moon, sun, moonSetup: { load: LOAD[moon] }, sunSetup: { load: LOAD[sun] } });
    const revoked = ["moon", "sun"].map((host) => issued.get(`${host} revoked`)!);
    for (const host of ["moon", "sun"] as const) {
      await pair[host].stroke("delete", "net");
      if (source === "ocsp") await serveOcsp(pair, host, revoked);
      if (source === "crl") await serveList(pair, host, revoked);
      const swanctl = new Swanctl(pair[host]);
      const own = issued.get(`${host} ${host === "moon" ? state : "good"}`)!;
      const put = (folder: string, name: string, text: string): void => writeFileSync(join(swanctl.folder, folder, name), text);
      put("x509", "own.pem", own.certificate);
      put("private", "own.key", own.key);
      put("x509ca", "root.pem", root.certificate);
      const other = host === "moon" ? "sun" : "moon";
      swanctl.configure(`connections { net { version = 2
        proposals = aes128-sha1-modp2048
        local_addrs = ${HOSTS[host].v4}
        remote_addrs = ${HOSTS[other].v4}
        local { auth = pubkey
          certs = own.pem
          id = ${host}.example.org }
        remote { auth = pubkey
          id = ${other}.example.org
          revocation = ${revocation} }
        children { net { esp_proposals = aes128-sha1
          local_ts = ${HOSTS[host].subnet}
          remote_ts = ${HOSTS[other].subnet} } } } }`);
      await swanctl.must("--load-all");
    }
    return pair;
  }

  function background(pair: Pair, host: HostName, command: readonly string[]): void {
    const [file, ...args] = [...pair.network.on(host), ...command];
    servers.push(new Background(file!, args, { output: join(pair.folder, `${host}-server.out`) }));
  }

  async function listening(pair: Pair, host: HostName, port: number): Promise<void> {
    const [file, ...args] = [...pair.network.on(host), "sh", "-c", `ss -tln | grep -q :${port}`];
    await until(`something to listen on port ${port}`, async () => (await attempt(file!, args)).code === 0);
  }

  async function serveOcsp(pair: Pair, host: HostName, revoked: readonly Issued[]): Promise<void> {
    const file = (name: string): string => join(pair.folder, `${host}-${name}`);
    const lines = [...issued.values()].map((each) => {
      const serial = new X509Certificate(each.certificate).serialNumber;
      return revoked.includes(each)
        ? `R\t350101000000Z\t260101000000Z,keyCompromise\t${serial}\tunknown\t/CN=${serial}`
        : `V\t350101000000Z\t\t${serial}\tunknown\t/CN=${serial}`;
    });
    writeFileSync(file("index"), `${lines.join("\n")}\n`);
    writeFileSync(file("root.pem"), root.certificate);
    writeFileSync(file("root.key"), root.key);
    const signer = ["-rsigner", file("root.pem"), "-rkey", file("root.key"), "-CA", file("root.pem")];
    background(pair, host, ["openssl", "ocsp", "-port", String(OCSP_PORT), "-index", file("index"), "-ndays", "1", ...signer]);
    await listening(pair, host, OCSP_PORT);
  }

  async function serveList(pair: Pair, host: HostName, revoked: readonly Issued[]): Promise<void> {
    const file = join(pair.folder, `${host}.crl`);
    writeFileSync(file, await pki.crl(root, revoked));
    background(pair, host, [process.execPath, "-e", SERVE, file]);
    await listening(pair, host, HTTP_PORT);
  }

  const up = async (pair: Pair): Promise<string> => {
    const { code, stdout } = await new Swanctl(pair.moon).run("--initiate", "--child", "net");
    return `${code}\n${stdout}`;
  };

  it("finds the other good by OCSP", async () => {
    const pair = await start("ocsp", "good");
    expect(await up(pair)).toContain("initiate completed successfully");
    for (const end of [pair.moon, pair.sun]) {
      await end.log.seen(`requesting ocsp status from '${OCSP_URI}' ...`);
      await end.log.seen('ocsp response correctly signed by "C=CH, O=cygnet, CN=root"');
      await end.log.seen("certificate status is good");
    }
  });

  it("finds the other revoked by OCSP, and refuses it", async () => {
    const pair = await start("ocsp", "revoked", "relaxed");
    expect(await up(pair)).toContain("received AUTHENTICATION_FAILED notify error");
    await pair.sun.log.seen("certificate was revoked on Jan 01 00:00:00 UTC 2026, reason: key compromise");
    await pair.sun.log.seen(/no trusted .* public key found for 'moon.example.org'/);
  });

  it("fetches the list where there is no responder, and finds the other good or revoked", async () => {
    const good = await start("crl", "good");
    expect(await up(good)).toContain("initiate completed successfully");
    for (const end of [good.moon, good.sun]) {
      await end.log.seen(`fetching crl from '${CRL_URI}' ...`);
      await end.log.seen('crl correctly signed by "C=CH, O=cygnet, CN=root"');
      await end.log.seen("certificate status is good");
      expect(await new Swanctl(end).must("--list-certs", "--type", "x509_crl")).toContain("2 revoked certificates");
      await new Swanctl(end).must("--flush-certs", "--type", "x509_crl");
      expect(await new Swanctl(end).must("--list-certs", "--type", "x509_crl")).not.toContain("revoked");
    }
    const revoked = await start("crl", "revoked", "relaxed");
    expect(await up(revoked)).toContain("received AUTHENTICATION_FAILED notify error");
    await revoked.sun.log.seen(/certificate was revoked on .* UTC .*, reason: key compromise/);
  });

  it("refuses with revocation = strict what nobody tells the status of", async () => {
    const pair = await start("nobody", "good");
    expect(await up(pair)).not.toContain("initiate completed successfully");
    await pair.sun.log.seen("ocsp check failed, fallback to crl");
    await pair.sun.log.seen("certificate status is not available");
    await pair.sun.log.seen("RULE_CRL_VALIDATION is FAILED, but requires at least GOOD");
  });
});
