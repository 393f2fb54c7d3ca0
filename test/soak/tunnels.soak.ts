import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { attempt } from "../interop/harness/command.js";
import { until } from "../interop/harness/deadline.js";
import { HOSTS } from "../interop/harness/network.js";
import { STRONGSWAN_PEER, requireAll } from "../interop/harness/requirements.js";
import { LIFETIME, Tunnels } from "./tunnels.js";
import type { Holdings } from "./tunnels.js";

requireAll(STRONGSWAN_PEER);

const COUNT = Number(process.env["SOAK_TUNNELS"] ?? 2000);
const MINUTES = Number(process.env["SOAK_MINUTES"] ?? 10);
const REKEYS = Number(process.env["SOAK_REKEYS"] ?? 1000);
const CHILD_SECONDS = Number(process.env["SOAK_REKEY_SECONDS"] ?? 6);
/** As the lifetime of a CHILD_SA, and half of it more. */
const WARM_UP_MS = CHILD_SECONDS * LIFETIME * 1500;
const ENDS = ["moon", "sun"] as const;
const PATIENCE_MS = 60_000;
const HOUR_MS = 3_600_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const ping = async (tunnels: Tunnels, more: readonly string[]): Promise<string> => {
  const on = [...tunnels.pair.network.on("moon"), "ping", "-q", "-W", "4", ...more];
  return (await attempt(on[0]!, [...on.slice(1), "-I", HOSTS.moon.inside, HOSTS.sun.inside], { patienceMs: HOUR_MS })).stdout;
};

describe("a soak", () => {
  it(
    `of ${COUNT} tunnels that are rekeyed for ${MINUTES} minutes leaves nothing behind`,
    { timeout: MINUTES * 60_000 + HOUR_MS },
    async () => {
      const tunnels = await Tunnels.open(COUNT, { child: CHILD_SECONDS, ike: CHILD_SECONDS * 10 });
      const holdings = (): Promise<Holdings[]> => Promise.all(ENDS.map((end) => tunnels.holdings(end)));
      const gone = (): Promise<boolean> =>
        until("all IKE_SAs to be gone", async () => (await holdings()).every(({ ikeSas }) => ikeSas === 0), PATIENCE_MS);
      // What is needed once is no leak: compiled code, and heaps for all that there is at a time. That is the most when the first CHILD_SAs that were
      // rekeyed would have reached the end of their lifetime.
      await tunnels.up();
      await sleep(WARM_UP_MS);
      await tunnels.down();
      await gone();
      const before = await holdings();
      await tunnels.up();
      const { newest: begun } = await tunnels.children("moon");
      const pinging = ping(tunnels, ["-i", "0.2", "-w", String(Math.round(MINUTES * 60))]);
      const endMs = Date.now() + MINUTES * 60_000;
      while (Date.now() < endMs) {
        await sleep(Math.min(30_000, Math.max(0, endMs - Date.now())));
        const { newest } = await tunnels.children("moon");
        const kib = (await holdings()).map(({ residentKiB }) => residentKiB).join(" and ");
        say(
          `${Math.max(0, Math.round((endMs - Date.now()) / 1000))} s left, ${newest - begun} CHILD_SAs by rekeying, ${kib} KiB resident`,
        );
      }
      say((await pinging).trim());
      const { newest } = await tunnels.children("moon");
      expect(newest - begun).toBeGreaterThan((COUNT * MINUTES * 60) / CHILD_SECONDS / 4);
      for (const end of ENDS) {
        // One that is being rekeyed is there twice for a moment.
        await until(`${COUNT} CHILD_SAs at ${end}`, async () => (await tunnels.children(end)).installed >= COUNT, PATIENCE_MS);
      }
      await tunnels.down();
      await gone();
      const after = await holdings();
      for (const [i, end] of ENDS.entries()) {
        const [{ residentKiB: was, ...rest }, { residentKiB: is, ...now }] = [before[i]!, after[i]!];
        say(`${end}: ${was} KiB resident before, ${is} KiB after`);
        expect(now).toEqual(rest);
        // Garbage is collected when it is time to; in ten minutes a leak of 500 octets for each rekeying is more.
        expect(is).toBeLessThan(was * 1.25 + 16 * 1024);
      }
    },
  );

  it(`of ${REKEYS} CHILD_SAs one after the other loses no packet`, { timeout: HOUR_MS }, async () => {
    const tunnels = await Tunnels.open(1, { child: 3600, ike: 36_000 });
    await tunnels.up();
    let isOver = false;
    const pings: string[] = [];
    const pinging = (async () => {
      while (!isOver) pings.push(await ping(tunnels, ["-i", "0.01", "-c", "500"]));
    })();
    for (let i = 1; i <= REKEYS; i++) {
      await tunnels.moon.request("rekey", { child: "net-0" });
      await until("the next CHILD_SA", async () => {
        const { installed, newest } = await tunnels.children("moon");
        return newest > i && installed === 1;
      });
    }
    isOver = true;
    await pinging;
    for (const text of pings) expect(text).toContain(" 0% packet loss");
    say(`${REKEYS} rekeyings, ${pings.length * 500} pings answered`);
  });
});
