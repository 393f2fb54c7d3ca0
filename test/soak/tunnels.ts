import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ViciClient } from "@cygnet/vici";
import type { MessageData } from "@cygnet/vici";
import { run } from "../interop/harness/command.js";
import { HOSTS } from "../interop/harness/network.js";
import type { HostName } from "../interop/harness/network.js";
import { Pair, afterTest } from "../interop/harness/pair.js";

const LOAD =
  "random nonce aes sha1 sha2 hmac kdf gmp openssl curve25519 gcm kernel-libipsec kernel-netlink socket-default stroke vici";
/** Of a CHILD_SA, in times after which it is rekeyed. */
export const LIFETIME = 10;
/** Commands under way at a time. */
const AT_A_TIME = 20;

/** Seconds. */
export interface RekeyTimes {
  readonly child: number;
  readonly ike: number;
}

/** What a daemon and its host have; what must be the same again when all tunnels are gone. */
export interface Holdings {
  readonly residentKiB: number;
  readonly descriptors: number;
  readonly ikeSas: number;
  readonly routes: number;
  readonly rules: string;
  /** Of the kernel; those of kernel-libipsec are in the daemon. */
  readonly xfrm: string;
}

/** Two daemons with kernel-libipsec, and tunnels between them, each of an IKE_SA of its own between two addresses. */
export class Tunnels {
  private constructor(
    readonly pair: Pair,
    readonly moon: ViciClient,
    readonly sun: ViciClient,
    readonly count: number,
  ) {}

  static async open(count: number, rekey: RekeyTimes): Promise<Tunnels> {
    const setup = { load: LOAD, logLevel: 0 };
    const settings = "install_routes = yes\n reuse_ikesa = no\n threads = 16";
    const pair = await Pair.start({ moon: "cygnet", sun: "cygnet", moonSetup: setup, sunSetup: setup, settings });
    const [moon, sun] = [await clientOf(pair, "moon"), await clientOf(pair, "sun")];
    const secret = { type: "IKE", data: "a secret for long tests", owners: ["sun.example.org", "%any"] };
    for (const client of [moon, sun]) await client.request("load-shared", secret);
    const child = { esp_proposals: ["aes128gcm16"], rand_time: "1s" };
    await sun.request("load-conn", {
      tunnels: {
        ...END,
        local_addrs: [HOSTS.sun.v4],
        remote_addrs: [HOSTS.moon.v4],
        unique: "never",
        rekey_time: "0s",
        local: { auth: "psk", id: "sun.example.org" },
        remote: { auth: "psk", id: "%any" },
        children: { net: { ...child, rekey_time: "0s", local_ts: [HOSTS.sun.subnet], remote_ts: [HOSTS.moon.subnet] } },
      },
    });
    const tunnels = new Tunnels(pair, moon, sun, count);
    await tunnels.#each((i) =>
      moon.request("load-conn", {
        [`tunnel-${i}`]: {
          ...END,
          local_addrs: [HOSTS.moon.v4],
          remote_addrs: [HOSTS.sun.v4],
          unique: "never",
          rekey_time: `${rekey.ike}s`,
          local: { auth: "psk", id: `moon-${i}.example.org` },
          remote: { auth: "psk", id: "sun.example.org" },
          children: {
            [`net-${i}`]: {
              ...child,
              rekey_time: `${rekey.child}s`,
              life_time: `${rekey.child * LIFETIME}s`,
              local_ts: [`${address("moon", i)}/32`],
              remote_ts: [`${address("sun", i)}/32`],
            },
          },
        },
      }),
    );
    return tunnels;
  }

  async up(): Promise<void> {
    await this.#each((i) => this.moon.request("initiate", { child: `net-${i}`, timeout: 60_000 }));
  }

  async down(): Promise<void> {
    await this.#each((i) => this.moon.request("terminate", { ike: `tunnel-${i}`, timeout: 60_000 }));
  }

  /** CHILD_SAs that are installed at a host, and the highest number that one has. */
  async children(host: HostName): Promise<{ readonly installed: number; readonly newest: number }> {
    let [installed, newest] = [0, 0];
    for await (const listed of this[host].stream("list-sas", "list-sa")) {
      for (const name of listed.names) {
        const children = listed.section(name)?.section("child-sas");
        for (const each of children?.names ?? []) {
          const child = children?.section(each);
          if (child?.text("state") === "INSTALLED") installed++;
          newest = Math.max(newest, child?.number("uniqueid") ?? 0);
        }
      }
    }
    return { installed, newest };
  }

  async holdings(host: HostName): Promise<Holdings> {
    const { pid } = this.pair[host];
    const ip = async (line: string): Promise<string> =>
      run("ip", ["-n", this.pair.network.namespace(host), ...line.split(" ")]).catch(() => "");
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const routes = (await ip("route show table 220")).split("\n").filter((line) => line !== "");
    const stats = await this[host].request("stats");
    return {
      residentKiB: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      ikeSas: stats.section("ikesas")?.number("total") ?? -1,
      routes: routes.length,
      rules: await ip("rule"),
      xfrm: `${await ip("xfrm state")}${(await ip("xfrm policy")).replace(/^src .*\n\s+socket .*\n/gm, "")}`,
    };
  }

  async #each(action: (i: number) => Promise<unknown>): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < this.count) await action(next++);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  }
}

const END: MessageData = { version: "2", proposals: ["aes128-sha256-x25519"], dpd_delay: "0s" };

/** The first tunnel's are addresses that the hosts have. */
const address = (host: HostName, i: number): string =>
  `${HOSTS[host].inside.split(".").slice(0, 2).join(".")}.${(i + 1) >> 8}.${(i + 1) & 0xff}`;

async function clientOf(pair: Pair, host: HostName): Promise<ViciClient> {
  const client = await ViciClient.connect(`unix://${join(pair[host].folder, "charon.vici")}`);
  afterTest(async () => client.close());
  return client;
}
