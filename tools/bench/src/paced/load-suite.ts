import { randomFillSync } from "node:crypto";
import { AlgorithmRegistry, IkeSuites, parseProposal, proposalsToWire } from "@cygnet/crypto";
import type { IkeSuite } from "@cygnet/crypto";
import { HmacPrf, HmacSigner, ModpKeyExchange, NativeAead, NativeCrypter } from "@cygnet/native";
import { RngQuality } from "@cygnet/plugin-api";
import type { Rng } from "@cygnet/plugin-api";
import { EncryptionAlgorithm, IntegrityAlgorithm, KeyExchangeMethod, ProtocolId, PseudoRandomFunction } from "@cygnet/wire";
import type { Proposal as WireProposal } from "@cygnet/wire";

/** The proposals of paced load: those of the load test. */
const IKE_PROPOSAL = "aes128-sha1-modp768";
export const ESP_PROPOSAL = "aes128-sha1";

export const rng: Rng = { quality: RngQuality.STRONG, bytes: (out) => void randomFillSync(out) };

const NO_VECTORS = { hasher: [], prf: [], signer: [], crypter: [], aead: [], keyExchange: [], xof: [] };

/** The addon's algorithms of {@link IKE_PROPOSAL}, put together as the daemon does. */
export function loadSuite(): IkeSuite {
  return suiteOf(IKE_PROPOSAL);
}

/** {@link IKE_PROPOSAL} as an SA payload has it. */
export function ikeProposals(): WireProposal[] {
  return proposalsToWire([parseProposal(ProtocolId.IKE, IKE_PROPOSAL)], new Uint8Array(0));
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
