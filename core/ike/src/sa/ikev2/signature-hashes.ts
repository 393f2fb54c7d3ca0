import { HashAlgorithm, NotifyType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { OutgoingMessage } from "./outgoing-message.js";

/** What we verify with: SHA-1 is left out on purpose. IDENTITY is for Ed25519 and Ed448, RFC 8420. */
const HASHES = [HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512, HashAlgorithm.IDENTITY] as const;
const HASH_BYTES = 2;

/** Whether a peer may use it with a digital signature: others were not offered. */
export const isOfferedHash = (hash: HashAlgorithm): boolean => (HASHES as readonly HashAlgorithm[]).includes(hash);

/** SIGNATURE_HASH_ALGORITHMS, RFC 7427 section 4: two octets for each hash. */
export function addSignatureHashes(message: OutgoingMessage): void {
  const data = new Uint8Array(HASHES.length * HASH_BYTES);
  HASHES.forEach((hash, i) => (data[i * HASH_BYTES + 1] = hash));
  message.addNotify(NotifyType.SIGNATURE_HASH_ALGORITHMS, data);
}

/** The hashes that the peer verifies with, undefined when it does not know of digital signatures. */
export function readSignatureHashes(message: Message): readonly number[] | undefined {
  const data = message.notify(NotifyType.SIGNATURE_HASH_ALGORITHMS)?.data;
  if (!data || data.length % HASH_BYTES !== 0) return undefined;
  const hashes: number[] = [];
  for (let i = 0; i < data.length; i += HASH_BYTES) hashes.push((data[i]! << 8) | data[i + 1]!);
  return hashes;
}
