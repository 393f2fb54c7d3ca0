import { describe, expect, it } from "vitest";
import { until } from "./harness/deadline.js";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import type { IkeDaemon } from "./harness/daemon.js";
import { Pair } from "./harness/pair.js";
import type { PairPlan } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

/** Rekeyed CHILD_SAs go soon, so that tests see what stays. */
const SETTINGS = "delete_rekeyed_delay = 1\n";

async function establish(plan: PairPlan): Promise<Pair> {
  const pair = await Pair.start({ settings: SETTINGS, ...plan, conn: { reauth: "no", mobike: "no", ...plan.conn } });
  await pair.moon.up();
  await pair.sun.log.seen(/^CHILD_SA net\{\d+\} established/);
  return pair;
}

interface View {
  /** SPIs of the IKE_SAs. */
  readonly ike: readonly string[];
  readonly child: readonly { readonly isInstalled: boolean; readonly spiIn: string; readonly spiOut: string }[];
}

/** What statusall tells about the SAs of a daemon. */
async function view(daemon: IkeDaemon): Promise<View> {
  const text = await daemon.sas();
  return {
    ike: [...text.matchAll(/IKEv2 SPIs: ([0-9a-f]{16})_i\*? ([0-9a-f]{16})_r/g)].map(([, i, r]) => `${i}${r}`),
    // A CHILD_SA that was replaced stays for a while: to be rekeyed by name, it has to be gone.
    child: [...text.matchAll(/net\{\d+\}: +([A-Z]+), (?:.* SPIs: ([0-9a-f]{8})_i ([0-9a-f]{8})_o)?/g)].map(
      ([, state, spiIn, spiOut]) => ({
        isInstalled: state === "INSTALLED",
        spiIn: spiIn ?? "",
        spiOut: spiOut ?? "",
      }),
    ),
  };
}

/** Waits until both ends have one IKE_SA and one CHILD_SA, the same, and others than `before`. */
async function settled(pair: Pair, isFresh: (now: View) => boolean): Promise<void> {
  let seen: unknown;
  await until(
    () => `both ends to have one and the same fresh SA: ${JSON.stringify(seen)}`,
    async () => {
      const [moon, sun] = await Promise.all([view(pair.moon), view(pair.sun)]);
      seen = { moon, sun };
      const [inner, outer] = [moon.child[0], sun.child[0]];
      const isOne =
        inner?.isInstalled === true &&
        outer?.isInstalled === true &&
        moon.ike.length === 1 &&
        sun.ike.length === 1 &&
        moon.child.length === 1 &&
        sun.child.length === 1;
      return (
        isOne && moon.ike[0] === sun.ike[0] && inner?.spiIn === outer?.spiOut && inner?.spiOut === outer?.spiIn && isFresh(moon)
      );
    },
  );
}

/** The keys of the IKE_SA are good on both ends: a CHILD_SA can be rekeyed from either. */
async function proveKeys(pair: Pair): Promise<void> {
  for (const daemon of [pair.moon, pair.sun]) {
    const before = await view(pair.moon);
    await daemon.stroke("rekey", "net{}");
    await settled(pair, ({ child }) => child[0]?.spiIn !== before.child[0]?.spiIn);
  }
}

/** What both implementations log of an exchange that rekeys. */
const SENT = /^generating CREATE_CHILD_SA request/;
const GOT = /^parsed CREATE_CHILD_SA (request|response)/;
const MADE = /^parsed CREATE_CHILD_SA response \d+ \[ SA /;
const REFUSED_LATE = /^generating CREATE_CHILD_SA response \d+ \[ N\((TEMP_FAIL|NO_CHILD_SA)\) \]/;
const REFUSED_FOR_NOW = /^generating CREATE_CHILD_SA response \d+ \[ N\(TEMP_FAIL\) \]/;
const WAS_REFUSED_FOR_NOW = /^parsed CREATE_CHILD_SA response \d+ \[ N\(TEMP_FAIL\) \]/;
const LOST = /rekey collision lost, deleting redundant /;
/** The request of the peer came while the own one was on its way: strongSwan's line, or ours. */
const CHILD_COLLISION = /^detected (CHILD_REKEY collision with CHILD_REKEY|rekey collision of CHILD_SA)/;
const IKE_COLLISION = /^detected (IKE_REKEY collision with IKE_REKEY|IKE_SA rekey collision)/;

const sum = (pair: Pair, pattern: RegExp): number => pair.moon.log.count(pattern) + pair.sun.log.count(pattern);

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  describe.each(["moon", "sun"] as const)("on request of %s", (host) => {
    it.each(["aes128-sha1!", "aes128gcm16-x25519!"])("rekeys a CHILD_SA with %s", async (esp) => {
      const pair = await establish({ moon, sun, conn: { esp } });
      const before = await view(pair.moon);
      await pair[host].stroke("rekey", "net{}");
      await settled(pair, ({ ike, child }) => ike[0] === before.ike[0] && child[0]?.spiIn !== before.child[0]?.spiIn);
      await pair[host].log.seen(/^closing CHILD_SA net\{1\} with SPIs/);
    });

    it.each(["aes128-sha1-modp2048!", "aes256gcm16-prfsha384-ecp384!"])("rekeys an IKE_SA with %s", async (ike) => {
      const pair = await establish({ moon, sun, conn: { ike } });
      const before = await view(pair.moon);
      await pair[host].stroke("rekey", "net");
      await settled(pair, (now) => now.ike[0] !== before.ike[0] && now.child[0]?.spiIn === before.child[0]?.spiIn);
      await pair[host].log.seen(/^IKE_SA net\[2\] rekeyed between/);
      await proveKeys(pair);
    });
  });

  describe.each(["moon", "sun"] as const)("when lifetimes of %s run out", (host) => {
    it("rekeys a CHILD_SA", async () => {
      const pair = await establish({ moon, sun, [`${host}Conn`]: { lifetime: "5s", margintime: "3s", rekeyfuzz: "0%" } });
      const before = await view(pair.moon);
      await settled(pair, ({ child }) => child[0]?.spiIn !== before.child[0]?.spiIn);
      expect(pair[host].log.has(SENT)).toBe(true);
    });

    it("rekeys an IKE_SA", async () => {
      const pair = await establish({ moon, sun, [`${host}Conn`]: { ikelifetime: "5s", margintime: "3s", rekeyfuzz: "0%" } });
      const before = await view(pair.moon);
      await settled(pair, ({ ike, child }) => ike[0] !== before.ike[0] && child[0]?.spiIn === before.child[0]?.spiIn);
      expect(pair[host].log.has(SENT)).toBe(true);
    });
  });

  it("reauthenticates: a new IKE_SA with a new CHILD_SA, then the old ones go", async () => {
    const pair = await establish({
      moon,
      sun,
      conn: { reauth: "yes" },
      moonConn: { ikelifetime: "6s", margintime: "4s", rekeyfuzz: "0%" },
    });
    const before = await view(pair.moon);
    await settled(pair, ({ ike, child }) => ike[0] !== before.ike[0] && child[0]?.spiIn !== before.child[0]?.spiIn);
    await pair.moon.log.seen(/^reauthenticating IKE_SA net\[1\]/);
  });

  // With everything lost for a moment, both requests are on their way before either arrives.
  describe("when both begin at once", () => {
    /** Begins a rekeying on each side; both requests are sent and neither has arrived when it comes back. */
    async function cross(pair: Pair, onMoon: string, onSun: string): Promise<void> {
      const daemons = [pair.moon, pair.sun];
      const [sent, got] = [SENT, GOT].map((pattern) => daemons.map((daemon) => daemon.log.count(pattern)));
      await Promise.all([pair.network.lose("moon", 1), pair.network.lose("sun", 1)]);
      await Promise.all([pair.moon.stroke("rekey", onMoon), pair.sun.stroke("rekey", onSun)]);
      await Promise.all(daemons.map((daemon, at) => daemon.log.seen(SENT, { times: sent![at]! + 1 })));
      expect(daemons.map((daemon) => daemon.log.count(GOT))).toEqual(got);
      await Promise.all([pair.network.heal("moon"), pair.network.heal("sun")]);
    }

    /**
     * Whose request arrives second may have answered the first one by then, or not. If not, two SAs are made, and who has the lowest nonce
     * deletes its own (RFC 7296 section 2.8.1). If so, that request is for an SA that is being deleted (TEMPORARY_FAILURE, section 2.25), or
     * gone (CHILD_SA_NOT_FOUND), or it is not answered any more because the IKE_SA that it belongs to is gone.
     */
    async function solved(pair: Pair, collision: RegExp): Promise<void> {
      await until("the collision to be noticed", () => sum(pair, collision) > 0);
      await until("one of the SAs that were made to be left", () => sum(pair, MADE) - sum(pair, LOST) === 1);
      expect(sum(pair, LOST) + sum(pair, REFUSED_LATE)).toBeLessThanOrEqual(1);
    }

    it("ends with one CHILD_SA", async () => {
      const pair = await establish({ moon, sun });
      const before = await view(pair.moon);
      await cross(pair, "net{}", "net{}");
      await settled(pair, ({ ike, child }) => ike[0] === before.ike[0] && child[0]?.spiIn !== before.child[0]?.spiIn);
      await solved(pair, CHILD_COLLISION);
      await proveKeys(pair);
    });

    it("ends with one IKE_SA", async () => {
      const pair = await establish({ moon, sun });
      const before = await view(pair.moon);
      await cross(pair, "net", "net");
      await settled(pair, ({ ike, child }) => ike[0] !== before.ike[0] && child[0]?.spiIn === before.child[0]?.spiIn);
      await solved(pair, IKE_COLLISION);
      await proveKeys(pair);
    });

    it("ends with one of each when one side rekeys the IKE_SA and the other the CHILD_SA", async () => {
      const pair = await establish({ moon, sun });
      await cross(pair, "net", "net{}");
      // RFC 7296, section 2.25: whose request arrives first is told TEMPORARY_FAILURE, and tries again later or not at all.
      await until("one of them to be told TEMPORARY_FAILURE", () =>
        [
          [pair.moon, pair.sun],
          [pair.sun, pair.moon],
        ].some(([one, other]) => one!.log.has(REFUSED_FOR_NOW) && other!.log.has(WAS_REFUSED_FOR_NOW)),
      );
      await settled(pair, () => true);
      await proveKeys(pair);
    });
  });
});
