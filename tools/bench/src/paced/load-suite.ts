import { randomFillSync } from "node:crypto";
import { AlgorithmRegistry, IkeSuites, parseProposal } from "@cygnet/crypto";
import type { IkeSuite } from "@cygnet/crypto";
import { HmacPrf, HmacSigner, ModpKeyExchange, NativeAead, NativeCrypter } from "@cygnet/native";
import { RngQuality } from "@cygnet/plugin-api";
import type { Rng } from "@cygnet/plugin-api";
import { EncryptionAlgorithm, IntegrityAlgorithm, KeyExchangeMethod, ProtocolId, PseudoRandomFunction } from "@cygnet/wire";

/** The proposals of paced load: those of the load test. */
export const IKE_PROPOSAL = "aes128-sha1-modp768";
export const ESP_PROPOSAL = "aes128-sha1";

export const rng: Rng = { quality: RngQuality.STRONG, bytes: (out) => void randomFillSync(out) };

const NO_VECTORS = { hasher: [], prf: [], signer: [], crypter: [], aead: [], keyExchange: [], xof: [] };

/** The addon's algorithms of {@link IKE_PROPOSAL}, put together as the daemon does. */
export function loadSuite(): IkeSuite {
  return suiteOf(IKE_PROPOSAL);
}

/** The same with AES-GCM. */
export function gcmSuite(): IkeSuite {
  return suiteOf("aes128gcm16-prfsha1-modp768");
}

function suiteOf(proposal: string): IkeSuite {
  const registry = new AlgorithmRegistry({ vectors: NO_VECTORS });
  registry.addPrf("bench", PseudoRandomFunction.PRF_HMAC_SHA1, new HmacPrf("SHA1"));
  registry.addSigner("bench", IntegrityAlgorithm.AUTH_HMAC_SHA1_96, new HmacSigner("SHA1", 12));
  registry.addCrypter("bench", EncryptionAlgorithm.ENCR_AES_CBC, 16, new NativeCrypter("AES-128-CBC"));
  registry.addAead("bench", EncryptionAlgorithm.ENCR_AES_GCM_ICV16, 16, new NativeAead("AES-128-GCM-16"));
  registry.addKeyExchange("bench", KeyExchangeMethod.MODP_768_BIT, new ModpKeyExchange("768"));
  return new IkeSuites(registry).get(parseProposal(ProtocolId.IKE, proposal));
}
