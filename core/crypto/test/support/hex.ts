export const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");

/** A Uint8Array, not a Buffer, so that comparisons in tests see the same class. */
export const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
