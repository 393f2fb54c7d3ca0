import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, onTestFailed } from "vitest";
import { IkeDaemon } from "./daemon.js";
import type { DaemonKind, DaemonSetup } from "./daemon.js";
import { HOSTS, Network } from "./network.js";
import type { HostName } from "./network.js";

/** Keywords of an ipsec.conf section. */
export type Keywords = Readonly<Record<string, string | number>>;

/** What the two hosts of a test run. */
export interface PairPlan {
  readonly moon: DaemonKind;
  readonly sun: DaemonKind;
  /** strongswan.conf of both, and of each. */
  readonly settings?: string;
  readonly moonSettings?: string;
  readonly sunSettings?: string;
  readonly moonSetup?: Partial<DaemonSetup>;
  readonly sunSetup?: Partial<DaemonSetup>;
  /** Keywords of the connection `net` beside addresses, identities and subnets: on both hosts, and on each. */
  readonly conn?: Keywords;
  readonly moonConn?: Keywords;
  readonly sunConn?: Keywords;
  readonly family?: 4 | 6;
  /** Pre-shared keys; the same one by default. */
  readonly moonSecret?: string;
  readonly sunSecret?: string;
}

const SECRET = "an interoperable secret";
/** Lifetimes beyond any test, exactly what it says on the tin, and one attempt. */
const USUAL: Keywords = {
  keyexchange: "ikev2",
  authby: "secret",
  ike: "aes128-sha1-modp2048!",
  esp: "aes128-sha1!",
  keyingtries: 1,
  auto: "add",
};

/** Daemons on moon and sun, with the connection `net` between the networks behind them. */
export class Pair {
  private constructor(
    readonly network: Network,
    readonly moon: IkeDaemon,
    readonly sun: IkeDaemon,
    readonly folder: string,
  ) {}

  static async start(plan: PairPlan): Promise<Pair> {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
    cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
    const network = await Network.create();
    cleanUps.push(() => network.close());
    const start = (name: HostName): Promise<IkeDaemon> =>
      startDaemon({
        kind: plan[name],
        name,
        folder: join(folder, name),
        on: network.on(name),
        settings: `${plan.settings ?? ""}\n${plan[`${name}Settings`] ?? ""}`,
        ...plan[`${name}Setup`],
      });
    const [moon, sun] = await Promise.all([start("moon"), start("sun")]);
    const pair = new Pair(network, moon, sun, folder);
    await Promise.all([pair.define("moon", "net", plan), pair.define("sun", "net", plan)]);
    return pair;
  }

  /** Loads secret and connection on one host. */
  async define(host: HostName, name: string, plan: Omit<PairPlan, "moon" | "sun">): Promise<void> {
    const secret = plan[`${host}Secret`] ?? SECRET;
    await this[host].secrets(`@moon.example.org @sun.example.org : PSK "${secret}"`);
    await this[host].load(conn(name, host, { ...plan.conn, ...plan[`${host}Conn`] }, plan.family));
  }
}

/** A section of ipsec.conf as seen from one host. */
export function conn(name: string, host: HostName, keywords: Keywords, family: 4 | 6 = 4): string {
  const other = host === "moon" ? "sun" : "moon";
  const subnet = family === 4 ? "subnet" : "subnet6";
  const all = {
    ...USUAL,
    left: HOSTS[host][`v${family}`],
    leftid: `@${host}.example.org`,
    leftsubnet: HOSTS[host][subnet],
    right: HOSTS[other][`v${family}`],
    rightid: `@${other}.example.org`,
    rightsubnet: HOSTS[other][subnet],
    ...keywords,
  };
  const lines = Object.entries(all).map(([key, value]) => `  ${key}=${value}\n`);
  return `conn ${name}\n${lines.join("")}`;
}

const cleanUps: (() => Promise<void>)[] = [];

/** What is to be done after the test, last things first. */
export function afterTest(cleanUp: () => Promise<void>): void {
  cleanUps.push(cleanUp);
}

/** Starts a daemon that is stopped after the test; when the test fails, its log is printed. */
export async function startDaemon(setup: DaemonSetup): Promise<IkeDaemon> {
  const daemon = await IkeDaemon.start(setup);
  cleanUps.push(async () => void (await daemon.stop()));
  onTestFailed(() => {
    process.stderr.write(
      `--- ${setup.name} (${setup.kind}) ---\n${lastLines.get(daemon) ?? daemon.log.tail()}\n${daemon.output.text}\n`,
    );
  });
  beforeCleanUp.push(() => lastLines.set(daemon, `${daemon.log.tail()}`));
  return daemon;
}

/** Logs as they were before the folders were removed. */
const lastLines = new WeakMap<IkeDaemon, string>();
const beforeCleanUp: (() => void)[] = [];

afterEach(async () => {
  for (const keep of beforeCleanUp.splice(0)) keep();
  const errors: unknown[] = [];
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw new AggregateError(errors, "clean-up after the test failed");
});
