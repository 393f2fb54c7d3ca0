/**
 * The wire layer of IKEv2: header, payloads, messages (RFC 7296 section 3) and fragments (RFC 7383).
 *
 * @packageDocumentation
 */
export * from "./constants/auth-method.js";
export * from "./constants/cert-encoding.js";
export * from "./constants/config.js";
export * from "./constants/eap-method.js";
export * from "./constants/eap.js";
export * from "./constants/encryption-algorithm.js";
export * from "./constants/esn.js";
export * from "./constants/exchange-type.js";
export * from "./constants/hash-algorithm.js";
export * from "./constants/id-type.js";
export * from "./constants/ike-flags.js";
export * from "./constants/integrity-algorithm.js";
export * from "./constants/ipcomp.js";
export * from "./constants/key-exchange-method.js";
export * from "./constants/names.js";
export * from "./constants/notify-type.js";
export * from "./constants/payload-type.js";
export * from "./constants/protocol-id.js";
export * from "./constants/pseudo-random-function.js";
export * from "./constants/traffic-selector-type.js";
export * from "./constants/transform-type.js";
export * from "./constants/vendor-id.js";
export * from "./describe.js";
export * from "./exchange-rules.js";
export * from "./fragment-reassembler.js";
export * from "./header.js";
export * from "./limits.js";
export * from "./message.js";
export { firstPayloadType, generatePayloads, parsePayloads } from "./payload-chain.js";
export * from "./payloads/auth-payload.js";
export * from "./payloads/cert-payload.js";
export * from "./payloads/certreq-payload.js";
export * from "./payloads/cp-payload.js";
export * from "./payloads/delete-payload.js";
export * from "./payloads/eap-payload.js";
export * from "./payloads/encrypted-payload.js";
export * from "./payloads/id-payload.js";
export * from "./payloads/ke-payload.js";
export * from "./payloads/nonce-payload.js";
export * from "./payloads/notify-payload.js";
export * from "./payloads/payload-codec.js";
export * from "./payloads/payload.js";
export * from "./payloads/sa-payload.js";
export * from "./payloads/ts-payload.js";
export * from "./payloads/unknown-payload.js";
export * from "./payloads/vendor-id-payload.js";
export * from "./protected-message.js";
export * from "./reader.js";
export * from "./spi.js";
export * from "./wire-error.js";
export * from "./writer.js";
