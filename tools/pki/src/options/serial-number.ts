import { CommandLineError } from "@cygnet/command";
import { randomBytes } from "node:crypto";

/** Octets of a serial number that is drawn; as many as strongSwan has, of at most 20 (RFC 5280 section 4.1.2.2). */
const DRAWN = 8;
const MAX = 20;

/** A serial number in hex, with or without 0x and colons, as octets in network order. @throws {CommandLineError} */
export function parseSerial(text: string): Buffer {
  const digits = text.replace(/^0x/i, "").replaceAll(":", "");
  if (!/^[0-9a-f]+$/i.test(digits)) throw new CommandLineError(`option '--serial': '${text}' is not hex`);
  const short = digits.replace(/^0+(?=.)/, "");
  const octets = Buffer.from(short.length % 2 === 0 ? short : `0${short}`, "hex");
  if (octets.length > MAX) throw new CommandLineError(`option '--serial': more than ${MAX} octets`);
  return octets;
}

/** A random one, positive and never 0. */
export function drawSerial(): Buffer {
  const octets = randomBytes(DRAWN);
  octets[0] = octets[0]! & 0x7f || 1;
  return octets;
}
