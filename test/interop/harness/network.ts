import { run } from "./command.js";
import { until } from "./deadline.js";

/** The two hosts of every test, as strongSwan's own tests call them. */
export type HostName = "moon" | "sun";

interface HostPlan {
  readonly v4: string;
  readonly v6: string;
  /** Network behind the host, and the host's own address in it. */
  readonly subnet: string;
  readonly inside: string;
  readonly subnet6: string;
  readonly inside6: string;
}

/** Addresses of the hosts; each test's namespaces have them for themselves. */
export const HOSTS: Readonly<Record<HostName, HostPlan>> = {
  moon: {
    v4: "192.0.2.1",
    v6: "2001:db8::1",
    subnet: "10.1.0.0/16",
    inside: "10.1.0.1",
    subnet6: "2001:db8:1::/48",
    inside6: "2001:db8:1::1",
  },
  sun: {
    v4: "192.0.2.2",
    v6: "2001:db8::2",
    subnet: "10.2.0.0/16",
    inside: "10.2.0.1",
    subnet6: "2001:db8:2::/48",
    inside6: "2001:db8:2::1",
  },
};

/** The link's end on either host. */
const LINK = "veth";
let made = 0;

/**
 * Two hosts, joined by a cable: network namespaces with unique names and a pair of veth interfaces. `close` removes all of it.
 */
export class Network {
  readonly #prefix: string;

  private constructor() {
    this.#prefix = `cyg-${process.pid}-${++made}`;
  }

  static async create(): Promise<Network> {
    const network = new Network();
    try {
      await network.#build();
      return network;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  /** The namespace of a host. */
  namespace(host: HostName): string {
    return `${this.#prefix}-${host}`;
  }

  /** What to put in front of a command to run it on a host. */
  on(host: HostName): readonly string[] {
    return ["ip", "netns", "exec", this.namespace(host)];
  }

  async #build(): Promise<void> {
    const [moon, sun] = [this.namespace("moon"), this.namespace("sun")];
    await Promise.all([moon, sun].map((name) => run("ip", ["netns", "add", name])));
    await run("ip", ["link", "add", LINK, "netns", moon, "type", "veth", "peer", "name", LINK, "netns", sun]);
    await Promise.all((Object.keys(HOSTS) as HostName[]).map((host) => this.#configure(host)));
    // The kernel takes a moment to notice that the cable is plugged in, and Node.js lists no interface before that.
    await until("both ends of the cable to be up", async () => {
      const links = await Promise.all([moon, sun].map((name) => run("ip", ["-n", name, "link", "show", LINK])));
      return links.every((link) => link.includes(" state UP "));
    });
  }

  async #configure(host: HostName): Promise<void> {
    const { v4, v6, inside, inside6 } = HOSTS[host];
    const other = HOSTS[host === "moon" ? "sun" : "moon"];
    const ip = (...args: string[]): Promise<string> => run("ip", ["-n", this.namespace(host), ...args]);
    await ip("link", "set", "lo", "up");
    await ip("addr", "add", `${inside}/32`, "dev", "lo");
    await ip("addr", "add", `${inside6}/128`, "dev", "lo");
    await ip("addr", "add", `${v4}/24`, "dev", LINK);
    // Without duplicate address detection the address is there at once.
    await ip("addr", "add", `${v6}/64`, "dev", LINK, "nodad");
    await ip("link", "set", LINK, "up");
    await ip("route", "add", "default", "via", other.v4);
  }

  /** Gives a host one more address in the network behind it: strongSwan routes a tunnel only for traffic that it could send itself. */
  async addInside(host: HostName, address: string): Promise<void> {
    await run("ip", ["-n", this.namespace(host), "addr", "add", `${address}/32`, "dev", "lo"]);
  }

  /**
   * Loses a share of the packets that a host sends, at random. `netem` is a module that many kernels lack; a classic BPF classifier that
   * rolls the dice, and a class whose queue is a black hole, are in every kernel with traffic control.
   */
  async lose(host: HostName, share: number): Promise<void> {
    const tc = (...args: string[]): Promise<string> => run("tc", ["-n", this.namespace(host), ...args]);
    // ld rand; jge #limit, pass; ret -1 (drop): pass: ret 0
    const limit = Math.min(Math.floor(share * 2 ** 32), 2 ** 32 - 1);
    const dice = `4,32 0 0 4294963256,53 1 0 ${limit},6 0 0 4294967295,6 0 0 0`;
    await tc("qdisc", "replace", "dev", LINK, "root", "handle", "1:", "htb", "default", "1");
    await tc("class", "replace", "dev", LINK, "parent", "1:", "classid", "1:1", "htb", "rate", "1gbit", "quantum", "60000");
    await tc("class", "replace", "dev", LINK, "parent", "1:", "classid", "1:2", "htb", "rate", "1gbit", "quantum", "60000");
    await tc("qdisc", "replace", "dev", LINK, "parent", "1:2", "blackhole");
    await tc("filter", "add", "dev", LINK, "parent", "1:", "bpf", "bytecode", dice, "flowid", "1:2");
  }

  /** Delivers everything again. */
  async heal(host: HostName): Promise<void> {
    await run("tc", ["-n", this.namespace(host), "qdisc", "del", "dev", LINK, "root"]);
  }

  /** Packets that were lost on purpose. */
  async lost(host: HostName): Promise<number> {
    const text = await run("tc", ["-s", "-n", this.namespace(host), "qdisc", "show", "dev", LINK]);
    return Number(/blackhole.*\n.*dropped (\d+)/.exec(text)?.[1] ?? 0);
  }

  async close(): Promise<void> {
    const there = await run("ip", ["netns", "list"]);
    for (const host of Object.keys(HOSTS) as HostName[]) {
      const name = this.namespace(host);
      if (new RegExp(`^${name}( |$)`, "m").test(there)) await run("ip", ["netns", "del", name]);
    }
  }
}
