/** A firewall mark in the rule for our routing table: `[!]mark[/mask]`. */
export interface Fwmark {
  readonly value: number;
  readonly mask: number;
  /** All packets but those with the mark. */
  readonly isInverted: boolean;
}

const ALL_BITS = 0xffffffff;

/** @returns undefined when the text is none */
export function parseFwmark(text: string): Fwmark | undefined {
  const isInverted = text.startsWith("!");
  const [value, mask, ...more] = text
    .slice(isInverted ? 1 : 0)
    .split("/")
    .map(parseU32);
  if (value === undefined || more.length > 0 || (text.includes("/") && mask === undefined)) return undefined;
  return { value, mask: mask ?? ALL_BITS, isInverted };
}

function parseU32(text: string): number | undefined {
  if (!/^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= ALL_BITS ? value : undefined;
}
