import { InternalError } from "@cygnet/plugin-api";

/** Octets of a hexadecimal string without separators. @throws {InternalError} when it is none */
export function hexBytes(hex: string): Uint8Array {
  if (hex.length % 2 !== 0 || /[^0-9a-fA-F]/.test(hex)) throw new InternalError("not a hexadecimal string");
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
