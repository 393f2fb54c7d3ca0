import fc from "fast-check";

export const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
export const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");

/** 0, 1, 2, ... */
export const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 0xff);

/** A copy of `data` as a view with other octets around it: `whole` shows whether they were left alone. */
export function embedded(data: Uint8Array): { view: Uint8Array; untouched: () => boolean } {
  const margin = 13;
  const whole = new Uint8Array(data.length + 2 * margin).fill(0xa5);
  whole.set(data, margin);
  const rest = (): Uint8Array[] => [whole.subarray(0, margin), whole.subarray(margin + data.length)];
  return {
    view: whole.subarray(margin, margin + data.length),
    untouched: () => rest().every((part) => part.every((octet) => octet === 0xa5)),
  };
}

/** Calls `run` with each single bit of `data` flipped, and flips it back. */
export function eachBitFlipped(data: Uint8Array, run: (bit: number) => void): void {
  for (let bit = 0; bit < data.length * 8; bit++) {
    data[bit >> 3] ^= 1 << (bit & 7);
    run(bit);
    data[bit >> 3] ^= 1 << (bit & 7);
  }
}

export const anyOctets = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
export const exactly = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

/** Whether an error is one of those that a wrong length must give. */
export function throwsForLength(run: () => void): boolean {
  try {
    run();
  } catch (error) {
    return error instanceof TypeError || error instanceof RangeError;
  }
  return false;
}
