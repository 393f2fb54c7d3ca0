import type { StrokeFields, StrokeMessageType } from "../abi/index.js";

/** The fields of an ADD_CONN request. */
export type AddConnFields = StrokeFields<StrokeMessageType.ADD_CONN>;

type EndKey<K> = K extends `me.${infer Name}` ? Name : never;

/** One end of a connection: the fields under `me.` or `other.`, without that prefix. */
export type StrokeEnd = { readonly [Name in EndKey<keyof AddConnFields>]: AddConnFields[`me.${Name}`] };

const PREFIXES = ["me", "other"] as const;

/** Takes the two ends out of a request. */
export function readEnds(fields: AddConnFields): { readonly me: StrokeEnd; readonly other: StrokeEnd } {
  const [me, other] = PREFIXES.map((prefix) => {
    const dot = `${prefix}.`;
    const own = Object.entries(fields).filter(([key]) => key.startsWith(dot));
    // The field table gives both ends the same names and kinds.
    return Object.fromEntries(own.map(([key, value]) => [key.slice(dot.length), value])) as StrokeEnd;
  });
  return { me, other };
}

/** Entries of a comma separated list, without blanks and empty ones. */
export function splitList(text: string | null): string[] {
  return (text ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}
