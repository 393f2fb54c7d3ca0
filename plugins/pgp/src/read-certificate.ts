import type { PgpCertificate } from "@cygnet/plugin-api";
import { withoutArmour } from "./armour.js";
import { OctetReader, malformed } from "./octet-reader.js";
import { PacketTag, readKeyPackets } from "./packets.js";
import { publicKeyInfo, readPublicKeyPacket } from "./public-key.js";

/**
 * Reads a public key, armoured or not. Its signatures are not looked at: it is trusted because it was loaded.
 * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY
 */
export function readPgpCertificate(data: Uint8Array): PgpCertificate {
  const octets = new Uint8Array(withoutArmour(data, "PUBLIC KEY BLOCK"));
  const { primary, userIds } = readKeyPackets(octets, PacketTag.PUBLIC_KEY);
  const reader = new OctetReader(primary);
  const key = readPublicKeyPacket(reader);
  reader.end("public key");
  // Of several, the last one, as in strongSwan.
  const userId = userIds.at(-1);
  if (userId === undefined || userId.length === 0) malformed("it has no user id");
  const { created, until, digest } = key;
  return { octets, publicKey: publicKeyInfo(key), digest, userId: new Uint8Array(userId), created, until };
}
