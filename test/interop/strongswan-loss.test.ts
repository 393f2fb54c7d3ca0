import { describe, expect, it } from "vitest";
import { until } from "./harness/deadline.js";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import type { IkeDaemon } from "./harness/daemon.js";
import { HOSTS } from "./harness/network.js";
import { Pair, conn } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const PEERS = 20;
const LOSS = 0.1;
/** strongSwan with itself: an initiator takes a late answer to the request without a COOKIE for one to that with it, and AUTH fails. */
const NO_COOKIES = "dos_protection = no\n";
/** strongSwan as responder: an address whose answers are lost five times is shut out for half a minute, by its own half-open IKE_SAs. */
const NO_BLOCKING = "block_threshold = 1000\n";
/** Chance that a message is lost this often in a row: one in a billion. */
const TRIES = "retransmit_timeout = 0.3\nretransmit_base = 1.1\nretransmit_tries = 20\ndelete_rekeyed_delay = 0\n";
const PATIENCE_MS = 60_000;
/** What `statusall` begins an IKE_SA that is up with. */
const UP = /^ *(\S+\[\d+\]): ESTABLISHED/gm;

/**
 * SPI pairs of all IKE_SAs that are up and of all CHILD_SAs, in an order that does not depend on the daemon. An IKE_SA that was replaced stays
 * for as long as the answer to its DELETE is lost, if strongSwan sent that: it has forgotten the IKE_SA.
 */
async function spis(daemon: IkeDaemon): Promise<{ ike: string[]; child: string[] }> {
  const text = await daemon.sas();
  const up = new Set([...text.matchAll(UP)].map(([, name]) => name));
  const sorted = (pairs: readonly (readonly (string | undefined)[])[]): string[] =>
    pairs.map((pair) => pair.toSorted().join("-")).sort();
  return {
    ike: sorted(
      [...text.matchAll(/^ *(\S+\[\d+\]): IKEv2 SPIs: ([0-9a-f]{16})_i\*? ([0-9a-f]{16})_r/gm)]
        .filter(([, name]) => up.has(name))
        .map(([, , initiator, responder]) => [initiator, responder]),
    ),
    child: sorted(
      [...text.matchAll(/INSTALLED, .* SPIs: ([0-9a-f]{8})_i ([0-9a-f]{8})_o/g)].map(([, spiIn, spiOut]) => [spiIn, spiOut]),
    ),
  };
}

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  it(
    `sets up ${PEERS} IKE_SAs and rekeys all SAs while one packet of ten is lost each way`,
    { timeout: 4 * PATIENCE_MS * Number(process.env["TIMESCALE"] ?? 1) },
    async () => {
      const pair = await Pair.start({
        moon,
        sun,
        settings: moon === sun ? TRIES + NO_COOKIES : TRIES,
        sunSettings: sun === "strongswan" ? NO_BLOCKING : "",
        conn: { reauth: "no", mobike: "no" },
        sunConn: { rightid: "*.example.org", rightsubnet: "10.1.0.0/16" },
      });
      const names = Array.from({ length: PEERS }, (_, at) => `peer${at}`);
      for (const daemon of [pair.moon, pair.sun]) await daemon.secrets(': PSK "lost and found"');
      for (const at of names.keys()) await pair.network.addInside("moon", `10.1.${at}.2`);
      await pair.moon.load(
        names
          .map((name, at) =>
            conn(name, "moon", {
              leftid: `@${name}.example.org`,
              leftsubnet: `10.1.${at}.0/24`,
              right: HOSTS.sun.v4,
              reauth: "no",
              mobike: "no",
            }),
          )
          .join(""),
      );
      await Promise.all([pair.network.lose("moon", LOSS), pair.network.lose("sun", LOSS)]);

      await Promise.all(names.map((name) => pair.moon.up(name)));
      const agreed = async (
        isNew: (ike: readonly string[], child: readonly string[]) => boolean,
      ): Promise<{ ike: string[]; child: string[] }> =>
        until(
          "both ends to agree on all SAs",
          async () => {
            const [ours, theirs] = await Promise.all([spis(pair.moon), spis(pair.sun)]);
            const isComplete = ours.ike.length === PEERS && ours.child.length === PEERS;
            return isComplete && JSON.stringify(ours) === JSON.stringify(theirs) && isNew(ours.ike, ours.child)
              ? ours
              : undefined;
          },
          PATIENCE_MS,
        );
      const first = await agreed(() => true);

      for (const name of names) await pair.moon.stroke("rekey", `${name}{}`);
      const second = await agreed((_, child) => child.every((spi) => !first.child.includes(spi)));
      expect(second.ike).toEqual(first.ike);

      // Numbers that are missing were those of IKE_SAs that came to nothing.
      for (const [, ikeSa] of (await pair.sun.sas()).matchAll(UP)) await pair.sun.stroke("rekey", ikeSa!);
      await agreed((ike) => ike.every((spi) => !second.ike.includes(spi)));

      expect(await pair.network.lost("moon")).toBeGreaterThan(0);
      expect(await pair.network.lost("sun")).toBeGreaterThan(0);
      expect(pair.moon.log.count(/^retransmit \d+ of request/)).toBeGreaterThan(0);
      await pair.moon.stroke("down", "net[*]");
    },
  );
});
