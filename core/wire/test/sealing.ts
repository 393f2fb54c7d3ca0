import { createCipheriv, createHmac } from "node:crypto";
import type { ProtectedLayout, ProtectionSizes } from "@cygnet/wire";
import type { Capture, CapturedPacket } from "./vectors.js";

/** Algorithms of the two captured conversations. */
export interface Sealer {
  readonly sizes: ProtectionSizes;
  /** Encrypts and authenticates the message in place with the keys of one set. */
  seal(message: Uint8Array, layout: ProtectedLayout, encr: Buffer, integ: Buffer | undefined): void;
}

const cbcSha1: Sealer = {
  sizes: { ivBytes: 16, icvBytes: 12, blockBytes: 16 },
  seal(message, { start, ivAt, plainAt, icvAt }, encr, integ) {
    const cipher = createCipheriv("aes-128-cbc", encr, message.subarray(ivAt, plainAt)).setAutoPadding(false);
    message.set(cipher.update(message.subarray(plainAt, icvAt)), plainAt);
    const mac = createHmac("sha1", integ ?? Buffer.alloc(0)).update(message.subarray(start, icvAt));
    message.set(mac.digest().subarray(0, 12), icvAt);
  },
};

const gcm16: Sealer = {
  sizes: { ivBytes: 8, icvBytes: 16, blockBytes: 1 },
  seal(message, { start, ivAt, plainAt, icvAt }, encr) {
    const nonce = Buffer.concat([encr.subarray(32), message.subarray(ivAt, plainAt)]);
    const cipher = createCipheriv("aes-256-gcm", encr.subarray(0, 32), nonce);
    cipher.setAAD(message.subarray(start, ivAt));
    message.set(cipher.update(message.subarray(plainAt, icvAt)), plainAt);
    cipher.final();
    message.set(cipher.getAuthTag(), icvAt);
  },
};

/** The algorithms of a capture. */
export function sealerOf(capture: Capture): Sealer {
  return capture.name.includes("gcm") ? gcm16 : cbcSha1;
}

/** Candidate keys for a packet: those of its sender, of every IKE_SA in the capture. */
export function keysOf(capture: Capture, packet: CapturedPacket): { encr: Buffer; integ: Buffer | undefined }[] {
  const isInitiator = (packet.header.flags & 8) !== 0;
  return capture.ike_key_sets.map((set) => {
    const integ = isInitiator ? set.sk_ai : set.sk_ar;
    return {
      encr: Buffer.from(isInitiator ? set.sk_ei : set.sk_er, "hex"),
      integ: integ === undefined ? undefined : Buffer.from(integ, "hex"),
    };
  });
}
