import type { KernelMark } from "@cygnet/plugin-api";

/** A packet mark of a CHILD_SA's policies, compiled. */
export interface Mark {
  /** Ignored where `unique` is set. */
  readonly value: number;
  /** 0 means that there is no mark. */
  readonly mask: number;
  /** The daemon draws the value: one for each CHILD_SA, or one for each direction of it. */
  readonly unique: "no" | "unique" | "unique-dir";
}

/** Matches all packets. */
export const NO_MARK: Mark = { value: 0, mask: 0, unique: "no" };
/**
 * The mark that the CHILD_SAs of a reqid have: where it is drawn, it comes from the reqid, which no others with a drawn mark have, and which
 * stays when they are rekeyed.
 */
export function markOf(mark: Mark, reqid: number, direction: "in" | "out"): KernelMark {
  if (mark.unique === "no") return mark;
  const value = reqid * 2 + (mark.unique === "unique-dir" && direction === "out" ? 1 : 0);
  return { value: (value & mark.mask) >>> 0, mask: mark.mask };
}

const ALL_BITS = 0xffffffff;

/** Reads `value[/mask]` (decimal, or hex with 0x), `%unique[/mask]`, `%unique-dir[/mask]`. @returns undefined when it is none of these */
export function parseMark(text: string): Mark | undefined {
  const [valueText, maskText, ...more] = text.trim().split("/");
  const mask = maskText === undefined ? ALL_BITS : parseU32(maskText);
  if (mask === undefined || more.length > 0) return undefined;
  if (valueText === "%unique" || valueText === "%unique-dir")
    return { value: 0, mask, unique: valueText === "%unique" ? "unique" : "unique-dir" };
  const value = parseU32(valueText!);
  // A value outside the mask could never match.
  return value === undefined ? undefined : { value: (value & mask) >>> 0, mask, unique: "no" };
}

function parseU32(text: string): number | undefined {
  if (!/^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= ALL_BITS ? value : undefined;
}
