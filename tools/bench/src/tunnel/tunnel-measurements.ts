import type { PeerName } from "../bench-arguments.js";
import type { Bench, Figures, Measurement } from "../measurement.js";
import { strongswanObstacle, tunnelObstacle } from "../peer/strongswan.js";
import type { RowSpec } from "../row.js";
import { scoped } from "../scoped.js";
import { packetRate, tcpRate } from "./traffic.js";
import { tunnelBetween } from "./tunnel-ends.js";
import type { TunnelKind } from "./tunnel-ends.js";

const ESPS = ["aes128gcm16", "aes128-sha1"] as const;
/** At least as many times strongSwan's rate. */
const AT_LEAST = 2;

/** kernel-libipsec between two namespaces, and with `--peer` strongSwan's in the same runs. */
export function tunnelMeasurements(peer: PeerName | undefined): Measurement[] {
  const kinds: readonly TunnelKind[] = peer === undefined ? ["cygnet"] : ["cygnet", "strongswan"];
  return ESPS.map((esp) => ({
    rows: rowsOf(esp, kinds),
    obstacle: peer === undefined ? tunnelObstacle : strongswanObstacle,
    run: async (bench: Bench) => {
      const figures: Record<string, number> = {};
      for (const kind of kinds) Object.assign(figures, await measure(bench, kind, esp));
      if (kinds.length > 1) {
        for (const last of [MBIT, PACKETS])
          figures[ratioName(esp, last)] = figures[nameOf(esp, "cygnet", last)]! / figures[nameOf(esp, "strongswan", last)]!;
      }
      return figures;
    },
  }));
}

const MBIT = "mbit_per_second";
const PACKETS = "packets_per_second";
const nameOf = (esp: string, kind: TunnelKind, last: string): string =>
  `libipsec.${esp}.${kind === "cygnet" ? "" : `${kind}.`}${last}`;

const ratioName = (esp: string, last: string): string => `libipsec.${esp}.${last}_ratio`;

function rowsOf(esp: string, kinds: readonly TunnelKind[]): RowSpec[] {
  const rows = kinds.flatMap((kind): RowSpec[] => [
    { name: nameOf(esp, kind, MBIT), unit: "Mbit/s", lowerIsBetter: false },
    { name: nameOf(esp, kind, PACKETS), unit: "1/s", lowerIsBetter: false },
  ]);
  if (kinds.length === 1) return rows;
  const ratios = [MBIT, PACKETS].map((last) => ratioName(esp, last));
  return [...rows, ...ratios.map((name): RowSpec => ({ name, unit: "x", lowerIsBetter: false, atLeast: AT_LEAST }))];
}

/** Each figure with a tunnel of its own, as what is on its way of one would disturb the next. */
async function measure(bench: Bench, kind: TunnelKind, esp: string): Promise<Figures> {
  return {
    [nameOf(esp, kind, MBIT)]: await scoped(bench, async (inner) => tcpRate(inner, await tunnelBetween(inner, kind, esp))),
    [nameOf(esp, kind, PACKETS)]: await scoped(bench, async (inner) => packetRate(inner, await tunnelBetween(inner, kind, esp))),
  };
}
