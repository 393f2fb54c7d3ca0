/** A limit of a CHILD_SA: 0 for never. */
export interface CompletedLimit {
  readonly rekey: number;
  readonly life: number;
  readonly rand: number;
}

/**
 * Fills in what is not said of a CHILD_SA's limit: the hard limit is a tenth beyond the soft one, or the soft one by as much before it, and
 * what is between them is at most taken off at random.
 * @param usual the soft limit where nothing is said
 */
export function completeLimit(
  rekey: number | undefined,
  life: number | undefined,
  rand: number | undefined,
  usual: number,
): CompletedLimit {
  const soft = rekey ?? (life ? Math.floor((life * 10) / 11) : usual);
  const hard = life ?? soft + Math.floor(soft / 10);
  return { rekey: soft, life: hard, rand: rand ?? Math.max(0, hard - soft) };
}

const DEFAULT_IKE_REKEY_SECONDS = 4 * 3600;

/** The lifetimes of an IKE_SA: `rekeyTime` to `jitterTime` of a `PeerDefinition`. */
export interface IkeLifetimes {
  readonly rekeyTime: number;
  readonly reauthTime: number;
  readonly overTime: number;
  readonly jitterTime: number;
}

/** Fills in what is not said of an IKE_SA's lifetimes: it is rekeyed every four hours, and gone a tenth of that later. */
export function completeIkeLifetimes(given: {
  readonly rekeyTime?: number;
  readonly reauthTime?: number;
  readonly overTime?: number;
  readonly randTime?: number;
}): IkeLifetimes {
  const isUsual = given.rekeyTime === undefined && given.reauthTime === undefined;
  const rekeyTime = given.rekeyTime ?? (isUsual ? DEFAULT_IKE_REKEY_SECONDS : 0);
  const reauthTime = given.reauthTime ?? 0;
  const overTime = given.overTime ?? Math.floor(Math.max(rekeyTime, reauthTime) / 10);
  return { rekeyTime, reauthTime, overTime, jitterTime: given.randTime ?? overTime };
}
