import type { ChildDefinition, PeerDefinition } from "@cygnet/plugin-api";
import type { AddConnFields } from "./stroke-end.js";

/** The times of a connection that `PeerDefinition` has. */
export type IkeLifetimes = Pick<PeerDefinition, "reauthTime" | "rekeyTime" | "jitterTime" | "overTime" | "keyingTries">;

/** The limits of a CHILD_SA that `ChildDefinition` has. */
export type ChildLifetimes = Pick<
  ChildDefinition,
  | "rekeyTime"
  | "lifeTime"
  | "jitterTime"
  | "rekeyBytes"
  | "lifeBytes"
  | "jitterBytes"
  | "rekeyPackets"
  | "lifePackets"
  | "jitterPackets"
>;

/** `ikelifetime`, `margintime`, `rekeyfuzz`, `reauth`, `keyingtries`: renewal is planned a margin before the lifetime, less jitter. */
export function ikeLifetimes(fields: AddConnFields): IkeLifetimes {
  const margin = toNumber(fields["rekey.margin"]);
  const renewal = before(toNumber(fields["rekey.ike_lifetime"]), margin);
  const isReauth = fields["rekey.reauth"] !== 0;
  return {
    reauthTime: isReauth ? renewal : 0,
    rekeyTime: isReauth ? 0 : renewal,
    jitterTime: jitter(margin, fields),
    overTime: margin,
    keyingTries: toNumber(fields["rekey.tries"]),
  };
}

/** `lifetime`, `lifebytes`, `lifepackets` with their margins. */
export function childLifetimes(fields: AddConnFields): ChildLifetimes {
  const limit = (life: bigint, margin: bigint): readonly [rekey: number, life: number, jitter: number] => [
    before(toNumber(life), toNumber(margin)),
    toNumber(life),
    jitter(toNumber(margin), fields),
  ];
  const [rekeyTime, lifeTime, jitterTime] = limit(fields["rekey.ipsec_lifetime"], fields["rekey.margin"]);
  const [rekeyBytes, lifeBytes, jitterBytes] = limit(fields["rekey.life_bytes"], fields["rekey.margin_bytes"]);
  const [rekeyPackets, lifePackets, jitterPackets] = limit(fields["rekey.life_packets"], fields["rekey.margin_packets"]);
  return {
    rekeyTime,
    lifeTime,
    jitterTime,
    rekeyBytes,
    lifeBytes,
    jitterBytes,
    rekeyPackets,
    lifePackets,
    jitterPackets,
  };
}

/** Zero, which means never, where the margin takes it all. */
function before(life: number, margin: number): number {
  return Math.max(0, life - margin);
}

function jitter(margin: number, fields: AddConnFields): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.floor((margin * toNumber(fields["rekey.fuzz"])) / 100));
}

/** Negative values and those beyond 2^53 - 1 are cut: nobody transfers that much. */
function toNumber(value: bigint): number {
  if (value < 0n) return 0;
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}
