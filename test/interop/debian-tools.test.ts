import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Background, attempt } from "./harness/command.js";
import type { Outcome } from "./harness/command.js";
import { until } from "./harness/deadline.js";
import { LogFile } from "./harness/log-file.js";
import { Network } from "./harness/network.js";
import { Pair, afterTest, conn, startDaemon } from "./harness/pair.js";
import { CYGNET, STRONGSWAN, STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const SECRETS = '@moon.example.org @sun.example.org : PSK "an interoperable secret"\n';

/** A host that is run by Debian's `ipsec` script and starter, with cygnet in the place of charon. */
class StartedByDebian {
  readonly log: LogFile;
  readonly output: LogFile;
  readonly #starter: Background;

  constructor(network: Network, folder: string, ipsecConf: string) {
    mkdirSync(folder);
    const path = (name: string): string => join(folder, name);
    this.log = new LogFile(path("charon.log"));
    this.output = new LogFile(path("output"));
    const conf = path("strongswan.conf");
    // The sockets are where Debian's tools look by themselves.
    writeFileSync(
      conf,
      `charon {
        load = random nonce aes sha1 sha2 hmac gmp openssl socket-default load-tester stroke counters
        plugins {
          load-tester { enable = yes
            fake_kernel = yes
            version = 1
          }
          stroke { secrets_file = ${path("ipsec.secrets")}
          }
        }
        filelog { log { path = ${this.log.path}
          flush_line = yes
        } }
      }
      `,
    );
    writeFileSync(path("ipsec.secrets"), SECRETS);
    writeFileSync(path("ipsec.conf"), ipsecConf);
    writeFileSync(path("charon"), `#!/bin/sh\nexec ${process.execPath} ${CYGNET} charon "$@"\n`);
    chmodSync(path("charon"), 0o755);
    const [ip, ...args] = network.on("moon");
    const script = `mount -t tmpfs t /run && mount --bind ${path("charon")} ${STRONGSWAN}/charon && exec ${STRONGSWAN}/starter --nofork --conf ${path("ipsec.conf")}`;
    this.#starter = new Background(ip!, [...args, "unshare", "-m", "sh", "-c", script], {
      output: this.output.path,
      env: { STRONGSWAN_CONF: conf },
      cwd: folder,
    });
  }

  /** Runs Debian's `ipsec` on the host. */
  async ipsec(...args: readonly string[]): Promise<Outcome> {
    return attempt("nsenter", ["-m", "-n", "-t", String(this.#starter.pid), "ipsec", ...args]);
  }

  get end(): number | NodeJS.Signals | undefined {
    return this.#starter.end;
  }

  async stop(): Promise<void> {
    await this.#starter.stop();
  }
}

async function start(ipsecConf: string): Promise<StartedByDebian> {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  const network = await Network.create();
  afterTest(() => network.close());
  const sun = await startDaemon({ kind: "strongswan", name: "sun", folder: join(folder, "sun"), on: network.on("sun") });
  await sun.secrets(SECRETS);
  await sun.load(conn("net", "sun", {}));
  const moon = new StartedByDebian(network, join(folder, "moon"), ipsecConf);
  afterTest(() => moon.stop());
  return moon;
}

describe("Debian's starter and ipsec", () => {
  it("start cygnet, load an ipsec.conf into it, drive it and stop it", async () => {
    const moon = await start(
      [
        "config setup\n  uniqueids=no\n",
        "conn %default\n  dpdaction=clear\n  dpddelay=30s\n",
        conn("net", "moon", {}),
        "conn road\n  left=192.0.2.1\n  leftsourceip=%config\n  right=192.0.2.9\n  rightsubnet=10.9.0.0/16\n  authby=secret\n  ike=aes256-sha256-modp2048!\n  auto=add\n",
        "conn unused\n  also=net\n  auto=ignore\n",
      ].join("\n"),
    );
    await moon.log.seen("added configuration 'road'", { patienceMs: 20_000 });
    const status = await moon.ipsec("statusall");
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/^Status of IKE charon daemon \(strongSwan /);
    expect(status.stdout).toContain("         net:  192.0.2.1...192.0.2.2  IKEv2, dpddelay=30s\n");
    expect(status.stdout).toContain("         net:   local:  [moon.example.org] uses pre-shared key authentication\n");
    expect(status.stdout).toContain("         net:   child:  10.1.0.0/16 === 10.2.0.0/16 TUNNEL, dpdaction=none\n");
    expect(status.stdout).toContain("        road:  192.0.2.1...192.0.2.9  IKEv1/2, dpddelay=30s\n");
    expect(status.stdout).not.toContain("unused");

    const up = await moon.ipsec("up", "net");
    expect(up.stdout).toMatch(/^initiating IKE_SA net\[1\] to 192\.0\.2\.2\n/);
    expect(up.stdout).toMatch(
      /\nCHILD_SA net\{1\} established with SPIs [0-9a-f]{8}_i [0-9a-f]{8}_o and TS 10\.1\.0\.0\/16 === 10\.2\.0\.0\/16\n/,
    );
    expect(up.stdout).toMatch(/\nconnection 'net' established successfully\n$/);
    expect(up.code).toBe(0);

    const list = await moon.ipsec("status", "net");
    expect(list.stdout).toMatch(/^Security Associations \(1 up, 0 connecting\):\n/);
    expect(list.stdout).toMatch(
      / net\[1\]: ESTABLISHED \d+ seconds? ago, 192\.0\.2\.1\[moon\.example\.org\]\.\.\.192\.0\.2\.2\[sun\.example\.org\]\n/,
    );

    const down = await moon.ipsec("down", "net");
    expect(down.stdout).toMatch(/\nIKE_SA \[1\] closed successfully\n$/);
    expect((await moon.ipsec("status")).stdout).toMatch(/^Security Associations \(0 up, 0 connecting\):\n +none\n$/);

    await moon.ipsec("stop");
    await until("starter to end", () => moon.end !== undefined);
    expect(moon.end).toBe(0);
  });

  it("bring a connection with auto=start up by themselves, and forget it after an update without it", async () => {
    const moon = await start(conn("net", "moon", { auto: "start" }));
    await moon.log.seen(/^CHILD_SA net\{1\} established/, { patienceMs: 20_000 });
    writeFileSync(join(moon.log.path, "..", "ipsec.conf"), "config setup\n");
    await moon.ipsec("update");
    await moon.log.seen("deleted connection 'net'");
    const { stdout } = await moon.ipsec("statusall");
    expect(stdout).not.toMatch(/^ +net: +child:/m);
    expect(stdout).toContain("net[1]: ESTABLISHED");
  });
});

describe("Debian's stroke", () => {
  it("gets what it asks for from either daemon in the same words", async () => {
    const pair = await Pair.start({ moon: "cygnet", sun: "strongswan" });
    await pair.moon.up();
    const answers = async (...args: string[]): Promise<string[]> =>
      Promise.all([pair.moon, pair.sun].map(async (daemon) => (await daemon.stroke(...args)).replaceAll(/moon|sun/g, "host")));
    for (const args of [
      ["up", "nothing"],
      ["down", "nothing"],
      ["leases"],
      ["leases", "nothing"],
      ["listcounters", "nothing"],
      ["route", "nothing"],
      ["unroute", "nothing"],
    ]) {
      const [ours, theirs] = await answers(...args);
      expect(ours, args.join(" ")).toBe(theirs);
    }
    const [ours, theirs] = await answers("listalgs");
    const titles = (text: string): string[] => [...text.matchAll(/^ {2}(\w[\w -]*):/gm)].map(([, title]) => title!);
    expect(titles(theirs!)).toEqual(expect.arrayContaining(titles(ours!)));
    expect(ours).toContain("AES_CBC");
    const [counters] = await answers("listcounters");
    expect(counters).toMatch(/ikeInitRekey|IKE_SA_INIT|ike-init-in-req/i);
  });
});
