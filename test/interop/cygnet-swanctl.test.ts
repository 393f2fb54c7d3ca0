import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Background, attempt, run } from "./harness/command.js";
import type { Outcome } from "./harness/command.js";
import { until } from "./harness/deadline.js";
import { Pair, afterTest } from "./harness/pair.js";
import { CYGNET, STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";
import { ViciRecorder } from "./harness/vici-recorder.js";

requireAll([...STRONGSWAN_PEER, "swanctl"]);

/** Plugins that read and tell apart certificates and keys, which the tests' daemons do without. */
const CREDENTIALS = "x509 revocation constraints pubkey pkcs1 pkcs7 pkcs8 pem openssl";
const LOAD = `random nonce aes des sha1 sha2 md5 hmac kdf gmp curve25519 gcm ${CREDENTIALS} kernel-libipsec kernel-netlink attr socket-default stroke vici updown counters`;

/** What is there besides swanctl.conf. strongSwan 5.9.8 looks for keys of BLISS, too. */
const FOLDERS = "x509 x509ca x509ocsp x509aa x509ac x509crl pubkey private rsa ecdsa bliss pkcs8 pkcs12".split(" ");

const CONF = `
connections {
  gw {
    version = 2
    local_addrs = 192.0.2.1
    remote_addrs = 192.0.2.2, sun.example.org
    proposals = aes128-sha256-modp2048, default
    pools = clients
    dpd_delay = 30
    local { auth = psk
      id = moon.example.org }
    remote { auth = psk
      id = sun.example.org }
    children {
      net { local_ts = 10.1.0.0/16, 10.3.0.0/16[tcp/80]
        remote_ts = 10.2.0.0/16
        esp_proposals = aes128gcm16 }
      lan { mode = pass
        local_ts = 10.1.0.0/16
        remote_ts = 10.1.0.0/16
        start_action = trap }
      host { mode = transport
        rekey_time = 0
        rekey_packets = 1000
        rekey_bytes = 1g }
    }
  }
  rw {
    version = 2
    remote_addrs = 192.0.2.2
    rekey_time = 0
    reauth_time = 1h
    vips = 0.0.0.0, ::
    ppk_id = ppk.example.org
    ppk_required = yes
    local { certs = moon.pem }
    local-eap { auth = eap-radius
      eap_id = bob
      aaa_id = aaa.example.org }
    remote { auth = pubkey-sha256
      cacerts = ca.pem
      groups = staff, guests
      cert_policy = 1.2.3.4
      revocation = strict }
    children { all { remote_ts = 0.0.0.0/0
      interface = veth
      priority = 7
      mark_in = 42/0xff } }
  }
  old { version = 1
    local { auth = psk }
    local-x { auth = xauth
      xauth_id = alice }
    remote { auth = psk }
    children { old { } } }
  unknown { bogus = yes }
  nofile { local { certs = nowhere.pem } }
}
secrets {
  ike-1 { id = moon.example.org
    id-sun = sun.example.org
    secret = 0x41424344 }
  eap-bob { id = bob
    secret = 0sZGV2 }
  xauth-alice { id = alice
    secret = plain }
  ppk { id = ppk.example.org
    secret = "with blanks" }
  ntlm { id = x
    secret = 0x0 }
  pkcs8-locked { file = locked.key
    secret = opensesame }
  pkcs12-moon { file = moon.p12
    secret = container }
  ike-empty { id = y }
  other { secret = z }
}
authorities {
  ex { cacert = ca.pem
    crl_uris = http://crl.example.org/a.crl, http://crl.example.org/b.crl
    ocsp_uris = http://ocsp.example.org
    cert_uri_base = http://certs.example.org/ }
  none { cacert = nowhere.pem }
}
pools {
  clients { addrs = 10.4.0.0/24
    dns = 10.2.0.53, 10.2.0.54 }
  bad { addrs = 10.5.0.0/24
    bogus = 1 }
}
`;

/** What is left in a second file: all else is unloaded. */
const LESS = `
connections { gw { remote_addrs = 192.0.2.2
  children { net { } } } }
pools { more { addrs = 10.6.0.1-10.6.0.9 } }
`;

interface Lab {
  readonly pair: Pair;
  readonly folder: string;
  readonly daemonSocket: string;
}

async function startLab(): Promise<Lab> {
  const pair = await Pair.start({ moon: "strongswan", sun: "strongswan", moonSetup: { load: LOAD } });
  const folder = join(pair.folder, "swanctl");
  for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "swanctl.conf"), CONF);
  mkdirSync(join(folder, "less"));
  for (const name of FOLDERS) mkdirSync(join(folder, "less", name));
  writeFileSync(join(folder, "less", "swanctl.conf"), LESS);
  return { pair, folder, daemonSocket: join(pair.moon.folder, "charon.vici") };
}

/** A CA, a certificate with most of what is shown, and keys in several encodings. */
async function makeCredentials(folder: string): Promise<void> {
  const openssl = (...args: string[]): Promise<string> => run("openssl", args, { cwd: folder });
  const rsa = ["-newkey", "rsa:2048", "-noenc"];
  const dates = ["-days", "400"];
  await openssl(
    "req",
    "-x509",
    ...rsa,
    "-keyout",
    "ca.key",
    "-out",
    "x509ca/ca.pem",
    "-subj",
    "/C=CH/O=Example/CN=Example CA",
    ...dates,
    "-addext",
    "keyUsage=keyCertSign,cRLSign",
  );
  await openssl(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-noenc",
    "-keyout",
    "moon.key",
    "-out",
    "x509/moon.pem",
    "-subj",
    "/C=CH/ST=Zurich/L=Zurich/O=Example/OU=IT/CN=moon/emailAddress=moon@example.org",
    "-CA",
    "x509ca/ca.pem",
    "-CAkey",
    "ca.key",
    "-set_serial",
    "0x80aa01",
    ...dates,
    "-addext",
    "subjectAltName=DNS:moon.example.org,IP:192.0.2.1,IP:2001:db8::1,email:moon@example.org",
    "-addext",
    "extendedKeyUsage=serverAuth,clientAuth",
    "-addext",
    "crlDistributionPoints=URI:http://crl.example.org/ca.crl",
    "-addext",
    "authorityInfoAccess=OCSP;URI:http://ocsp.example.org",
    "-addext",
    "basicConstraints=critical,CA:FALSE",
  );
  await openssl("rsa", "-in", "ca.key", "-out", "rsa/ca.key", "-traditional");
  await openssl("ec", "-in", "moon.key", "-out", "ecdsa/moon.key");
  await openssl("pkcs8", "-topk8", "-in", "ca.key", "-out", "pkcs8/locked.key", "-passout", "pass:opensesame");
  await openssl("genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", "private/ed.key");
  await openssl("pkey", "-in", "moon.key", "-pubout", "-out", "pubkey/moon.pub");
  await openssl(
    "pkcs12",
    "-export",
    "-inkey",
    "moon.key",
    "-in",
    "x509/moon.pem",
    "-certfile",
    "x509ca/ca.pem",
    "-out",
    "pkcs12/moon.p12",
    "-passout",
    "pass:container",
  );
  writeFileSync(join(folder, "index.txt"), "");
  writeFileSync(join(folder, "crlnumber"), "1f\n");
  writeFileSync(
    join(folder, "ca.conf"),
    "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=30\n",
  );
  const ca = ["ca", "-config", "ca.conf", "-cert", "x509ca/ca.pem", "-keyfile", "ca.key"];
  await openssl(...ca, "-revoke", "x509/moon.pem", "-crl_reason", "keyCompromise");
  await openssl(...ca, "-gencrl", "-out", "x509crl/ca.crl");
  writeFileSync(join(folder, "x509", "broken.pem"), "no certificate\n");
  writeFileSync(join(folder, "private", "broken.key"), "no key\n");
}

/** An intermediate authority with all that a certificate can have, and a delta CRL of its own. */
async function makeRichCertificate(folder: string): Promise<void> {
  const pki = async (file: string, ...args: string[]): Promise<void> => {
    const text = await run(process.execPath, [CYGNET, "pki", ...args, "--outform", "pem"], { cwd: folder });
    writeFileSync(join(folder, file), text);
  };
  await pki("rich.key", "--gen", "--type", "ecdsa");
  const by = ["--cacert", "x509ca/ca.pem", "--cakey", "ca.key"];
  const names = [
    "--san",
    "rich.example.org",
    "--san",
    "xmppaddr:me@example.org",
    "--san",
    "uri:http://example.org/rich",
    "--san",
    "CN=x",
  ];
  const constraints = ["--nc-permitted", "example.org", "--nc-permitted", "C=CH", "--nc-excluded", "me@x.y", "--pathlen", "0"];
  const policies = ["--cert-policy", "1.2.3", "--cps-uri", "http://cps", "--policy-mapping", "1.2.3:1.2.4", "--policy-any", "1"];
  const blocks = ["--addrblock", "10.0.0.0/8", "--addrblock", "192.0.2.1-192.0.2.9"];
  const uris = [
    "--crl",
    "http://c/1",
    "--crl",
    "http://c/2",
    "--crlissuer",
    "CN=i",
    "--ocsp",
    "http://o/1",
    "--ocsp",
    "http://o/2",
  ];
  const dn = "C=CH, O=Bäcker, SN=Rich, serialNumber=7, CN=rich";
  const issue = ["--issue", "--type", "priv", "--in", "rich.key", ...by, "--dn", dn, "--ca", "--flag", "ocspSigning"];
  await pki("x509/rich.pem", ...issue, ...names, ...constraints, ...policies, ...blocks, ...uris);
  const sign = ["--signcrl", "--cacert", "x509/rich.pem", "--cakey", "rich.key", "--reason", "superseded", "--serial", "0a"];
  await pki("rich.crl", ...sign);
  await pki("x509crl/rich.crl", ...sign, "--basecrl", "rich.crl", "--crluri", "http://d/1", "--crluri", "http://d/2");
}

interface Both {
  readonly theirs: Outcome;
  readonly ours: Outcome;
}

/** Runs strongSwan's swanctl and ours with the same arguments, one after the other. */
async function both({ folder, daemonSocket }: Lab, args: readonly string[], socket = daemonSocket): Promise<Both> {
  const all = [...args, "--uri", `unix://${socket}`];
  const env = { SWANCTL_DIR: folder };
  const theirs = await attempt("swanctl", all, { env });
  const ours = await attempt(process.execPath, [CYGNET, "swanctl", ...all], { env });
  return { theirs, ours };
}

/** What changes from one call to the next, and what strongSwan's libraries say about themselves. */
function comparable({ code, stdout, stderr }: Outcome): { code: number; stdout: string; stderr: string } {
  const errors = stderr.split("\n").filter((line) => !/tpm|TPM|^ {2}|^building CRED_/.test(line));
  return { code, stdout: settled(stdout), stderr: settled(errors.join("\n")) };
}

function settled(text: string): string {
  return text
    .replaceAll(/\d+ (second|minute|hour)s?\b/g, "N $1s")
    .replaceAll(/ \d+s ago/g, " Ns ago")
    .replaceAll(/(rekeying in|reauth in|expires in) +\d+s/g, "$1 Ns")
    .replaceAll(/\b(established|rekey-time|reauth-time|life-time|install-time|use-in|use-out)(=| = )\d+/g, "$1$2N")
    .replaceAll(/since \w{3} \d\d [\d:]+/g, "since T")
    .replaceAll(/(\d+ idle, working: [\d/]+|mallinfo: .*|jobs scheduled: \d+)/g, "N");
}

it("loads what strongSwan's loads, with the same requests and words", async () => {
  const lab = await startLab();
  await makeCredentials(lab.folder);
  const socket = join(lab.pair.folder, "recorded.vici");
  const recorder = await ViciRecorder.listen(socket, lab.daemonSocket);
  afterTest(() => recorder.close());
  const requestsOf = async (args: readonly string[]): Promise<{ theirs: string[]; ours: string[] }> => {
    // The first call is so that both begin with the same state.
    await attempt("swanctl", [...args, "--uri", `unix://${lab.daemonSocket}`], { env: { SWANCTL_DIR: lab.folder } });
    recorder.requests.splice(0);
    const { theirs, ours } = await both(lab, args, socket);
    expect(comparable(ours), args.join(" ")).toEqual(comparable(theirs));
    const requests = recorder.requests.splice(0);
    const [first] = requests;
    const second = requests.findIndex((request, index) => index > 0 && request === first);
    return { theirs: requests.slice(0, second).sort(), ours: requests.slice(second).sort() };
  };
  for (const args of [
    ["--load-creds", "--noprompt", "--clear"],
    ["--load-creds", "--noprompt"],
    ["--load-creds"],
    ["--load-authorities"],
    ["--load-pools"],
    ["--load-conns"],
    ["--load-conns", "--raw"],
    ["--load-all", "--noprompt"],
    ["--load-all", "--noprompt", "--file", join(lab.folder, "less", "swanctl.conf")],
  ]) {
    const { theirs, ours } = await requestsOf(args);
    expect(theirs.length, args.join(" ")).toBeGreaterThan(1);
    expect(ours, args.join(" ")).toEqual(theirs);
  }
});

it("lists and controls as strongSwan's does", async () => {
  const lab = await startLab();
  await makeCredentials(lab.folder);
  await makeRichCertificate(lab.folder);
  await attempt("swanctl", ["--load-creds", "--noprompt", "--uri", `unix://${lab.daemonSocket}`], {
    env: { SWANCTL_DIR: lab.folder },
  });
  for (const step of ["--load-pools", "--load-authorities", "--load-conns"])
    await attempt("swanctl", [step, "--uri", `unix://${lab.daemonSocket}`], { env: { SWANCTL_DIR: lab.folder } });
  await run("swanctl", ["--initiate", "--child", "net", "--ike", "net", "--uri", `unix://${lab.daemonSocket}`]);
  const calls = [
    "--list-sas",
    "--list-sas --raw",
    "--list-sas --pretty",
    "--list-sas --ike nope",
    "--list-sas --child net -n",
    "--list-conns",
    "--list-conns --raw",
    "--list-conns --pretty",
    "--list-pols",
    "--list-pols --pass",
    "--list-pols --trap --raw",
    "--list-authorities",
    "--list-authorities --name none",
    "--list-authorities --pretty",
    "--list-certs",
    "--list-certs --short --utc",
    "--list-certs --raw",
    "--list-certs --type x509",
    "--list-certs --type x509_crl --pem",
    "--list-pools",
    "--list-pools --leases",
    "--list-pools -n clients --raw",
    "--list-algs",
    "--list-algs --raw",
    "--version --daemon",
    "--version -d --pretty",
    "--stats",
    "--counters",
    "--counters --all",
    "--counters --name net",
    "--counters --name nope",
    "--counters --reset --all",
    "--reload-settings",
    "--flush-certs",
    "--flush-certs --raw",
    "--initiate --child nope",
    "--initiate --ike nope --raw",
    "--terminate",
    "--terminate --ike nope",
    "--terminate -C 99 --raw",
    "--rekey --child nope",
    "--rekey --ike nope --reauth --pretty",
    "--redirect --ike net",
    "--redirect -i nope -g 192.0.2.9",
    "--install --child nope",
    "--uninstall --child nope",
    "--uninstall",
  ];
  for (const call of calls) {
    const { theirs, ours } = await both(lab, call.split(" "));
    expect(comparable(ours), call).toEqual(comparable(theirs));
  }
  const leases = await both(lab, ["--list-pools", "--json"]);
  expect(JSON.parse(leases.ours.stdout)).toMatchObject({
    reply: "get-pools",
    message: { clients: { base: "10.4.0.0", size: "254" } },
  });
});

it("tells what happens to SAs, and what the daemon logs, as strongSwan's does", async () => {
  const lab = await startLab();
  const uri = ["--uri", `unix://${lab.daemonSocket}`];
  const file = (name: string): string => join(lab.pair.folder, name);
  const watchers = (["--monitor-sa", "--log"] as const).flatMap((command) =>
    [[], ["--raw"]].flatMap((format) => {
      const args = [command, ...format, ...uri];
      const name = args.slice(0, -2).join("");
      return [
        // strongSwan's keeps lines to itself when nobody sees them.
        new Background("stdbuf", ["-oL", "swanctl", ...args], { output: file(`theirs${name}`) }),
        new Background(process.execPath, [CYGNET, "swanctl", ...args], { output: file(`ours${name}`) }),
      ];
    }),
  );
  afterTest(async () => void (await Promise.all(watchers.map((watcher) => watcher.stop()))));
  const read = (name: string): string => readFileSync(file(name), "utf8");
  const names = ["--monitor-sa", "--monitor-sa--raw", "--log", "--log--raw"].flatMap((name) => [`theirs${name}`, `ours${name}`]);
  // All are registered when all have seen one of these IKE_SAs; what comes after the mark is compared.
  let before = 0;
  await until(
    () => "the watchers to watch",
    async () => {
      await run("swanctl", ["--initiate", "--child", "net", "--ike", "net", ...uri]);
      await run("swanctl", ["--terminate", "--ike", "net", ...uri]);
      before++;
      return names.every((name) => read(name).includes("192.0.2.2"));
    },
  );
  const mark = "vici initiate IKE_SA 'mark'";
  await attempt("swanctl", ["--initiate", "--ike", "mark", ...uri]);
  await run("swanctl", ["--initiate", "--child", "net", "--ike", "net", ...uri]);
  await run("swanctl", ["--rekey", "--child", "net", ...uri]);
  await until(
    () => "the CHILD_SA to be rekeyed",
    async () => read("ours--monitor-sa--raw").includes("child-rekey"),
  );
  await run("swanctl", ["--rekey", "--ike", "net", ...uri]);
  await until(
    () => "the IKE_SA to be rekeyed",
    async () => read("ours--monitor-sa--raw").includes("ike-rekey"),
  );
  await run("swanctl", ["--terminate", "--ike", "net", ...uri]);
  const seen = (who: string, name: string): string[] => {
    const lines = settled(read(`${who}${name}`)).split("\n");
    if (!name.includes("log"))
      return lines.filter((line) => line.includes("-updown event") && Number(/uniqueid=(\d+)/.exec(line)?.[1]) > before);
    const begin = lines.findIndex((line) => line.includes(mark));
    // Several threads log, so that the order is not the same for all clients.
    return lines
      .slice(begin)
      .filter((line) => !/tpm|TPM|^disconnecting/.test(line))
      .sort();
  };
  /** How many of these lines there are when all is over: two IKE_SAs are deleted, one of them as it was rekeyed. */
  const ends: Readonly<Record<string, readonly [line: RegExp, count: number]>> = {
    "--monitor-sa--raw": [/^ike-updown event (?!\{up)/, 1],
    "--log": [/IKE_SA deleted/, 2],
    "--log--raw": [/IKE_SA deleted/, 2],
  };
  await until(
    () => `the watchers to see the end\n${read("ours--monitor-sa--raw")}`,
    async () =>
      Object.entries(ends).every(([name, [end, count]]) =>
        ["ours", "theirs"].every((who) => seen(who, name).filter((line) => end.test(line)).length === count),
      ),
  );
  await until(
    () => "the watcher to see the end",
    async () => /^ike-updown: down\nnet: #(\d+)/m.test(read("ours--monitor-sa").split("ike-rekey").at(-1) ?? ""),
  );
  await Promise.all(watchers.map((watcher) => watcher.stop()));
  for (const name of Object.keys(ends)) {
    expect(seen("theirs", name).length, name).toBeGreaterThan(2);
    expect(seen("ours", name), name).toEqual(seen("theirs", name));
  }
  // Rekeying is what strongSwan's does not show.
  expect(read("ours--monitor-sa")).toMatch(
    /^ike-updown: up\nnet: #\d+, .*[^]*^child-updown: up\n[^]*^child-rekey: net #\d+ => #\d+\n[^]*^ike-rekey: net #\d+ => #\d+\n[^]*^ike-updown: down\n/m,
  );
});
