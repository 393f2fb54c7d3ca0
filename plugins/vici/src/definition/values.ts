import { parseBool, parseTime, parseUint64 } from "@cygnet/plugin-api";
import type { TakeList, TakeText } from "./option-table.js";

/** Members of a draft that have values of a type. */
type KeyOf<D, T> = { [K in keyof D]-?: T extends D[K] ? K : never }[keyof D];

const SIZES: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** An option that is used as it is. */
export function asText<D>(member: KeyOf<D, string>): TakeText<D> {
  return (draft, text) => set(draft, member, text);
}

export function asFlag<D>(member: KeyOf<D, boolean>): TakeText<D> {
  return (draft, text) => set(draft, member, parseBool(text));
}

/** An integer, decimal or with 0x in hex. */
export function asNumber<D>(member: KeyOf<D, number>, min: number, max: number): TakeText<D> {
  return (draft, text) => {
    const value = parseUint64(text);
    return set(draft, member, value !== undefined && value >= min && value <= max ? Number(value) : undefined);
  };
}

/** A time in seconds, `4h` or `20m`. */
export function asTime<D>(member: KeyOf<D, number>): TakeText<D> {
  return (draft, text) => set(draft, member, text.startsWith("-") ? undefined : parseTime(text));
}

/** A count, with k, m or g for powers of 1024. */
export function asCount<D>(member: KeyOf<D, number>): TakeText<D> {
  return (draft, text) => {
    const match = /^(\d+)([kmg]?)$/i.exec(text);
    const value = match ? Number(match[1]) * SIZES[match[2].toLowerCase()] : NaN;
    return set(draft, member, Number.isSafeInteger(value) ? value : undefined);
  };
}

/** One of some words. */
export function asWord<D, K extends keyof D>(member: K, words: Readonly<Record<string, D[K]>>): TakeText<D> {
  return (draft, text) => {
    if (!Object.hasOwn(words, text.toLowerCase())) return false;
    draft[member] = words[text.toLowerCase()];
    return true;
  };
}

/** A list of at least one item. A single text with commas, as programs may send it, is a list as well. */
export function asList<D>(member: KeyOf<D, readonly string[]>): TakeList<D> {
  return (draft, items) => {
    const all = splitItems(items);
    return set(draft, member, all.length > 0 ? all : undefined);
  };
}

function splitItems(items: readonly string[]): readonly string[] {
  return items
    .flatMap((item) => item.split(","))
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function set<D>(draft: D, member: keyof D, value: unknown): boolean {
  if (value === undefined) return false;
  (draft as Record<keyof D, unknown>)[member] = value;
  return true;
}
