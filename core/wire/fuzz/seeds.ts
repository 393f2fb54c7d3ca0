import type { MessageHead, Payload } from "@cygnet/wire";
import {
  AuthMethod,
  CertEncoding,
  ConfigAttributeType,
  ConfigType,
  EapCode,
  EapType,
  EncryptionAlgorithm,
  ExchangeType,
  generateMessage,
  IdType,
  IkeFlags,
  KeyExchangeMethod,
  makeIdPayload,
  makeNotifyPayload,
  NotifyType,
  PayloadType,
  ProtocolId,
  PseudoRandomFunction,
  spiBytes,
  TrafficSelectorType,
  TransformType,
  Writer,
} from "@cygnet/wire";

const EMPTY = new Uint8Array(0);

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** One payload of each type and shape that this package encodes. */
export const SAMPLE_PAYLOADS: readonly Payload[] = [
  {
    type: PayloadType.SA,
    proposals: [
      {
        number: 1,
        protocol: ProtocolId.IKE,
        spi: EMPTY,
        transforms: [
          { type: TransformType.ENCRYPTION_ALGORITHM, id: EncryptionAlgorithm.ENCR_AES_CBC, keyBits: 128 },
          { type: TransformType.PSEUDO_RANDOM_FUNCTION, id: PseudoRandomFunction.PRF_HMAC_SHA1 },
          { type: TransformType.KEY_EXCHANGE_METHOD, id: KeyExchangeMethod.CURVE_25519, attributes: [{ type: 9, value: 7 }] },
        ],
      },
      {
        number: 2,
        protocol: ProtocolId.ESP,
        spi: spiBytes(0x01020304),
        transforms: [{ type: TransformType.EXTENDED_SEQUENCE_NUMBERS, id: 0, attributes: [{ type: 99, value: filled(3, 9) }] }],
      },
    ],
  },
  { type: PayloadType.KE, method: KeyExchangeMethod.CURVE_25519, data: filled(32, 0x25) },
  makeIdPayload(PayloadType.IDi, IdType.ID_FQDN, new TextEncoder().encode("moon.example.org")),
  makeIdPayload(PayloadType.IDr, IdType.ID_IPV4_ADDR, Uint8Array.of(10, 0, 0, 1)),
  { type: PayloadType.CERT, encoding: CertEncoding.X509_SIGNATURE, data: filled(40, 0x30) },
  { type: PayloadType.CERTREQ, encoding: CertEncoding.X509_SIGNATURE, data: filled(40, 0x31) },
  { type: PayloadType.AUTH, method: AuthMethod.PSK, data: filled(20, 0xa5) },
  { type: PayloadType.NONCE, data: filled(32, 0x11) },
  makeNotifyPayload(NotifyType.MOBIKE_SUPPORTED),
  makeNotifyPayload(NotifyType.SIGNATURE_HASH_ALGORITHMS, Uint8Array.of(0, 2, 0, 3)),
  {
    type: PayloadType.NOTIFY,
    protocol: ProtocolId.ESP,
    spi: spiBytes(0xc0ffee00),
    notifyType: NotifyType.REKEY_SA,
    data: EMPTY,
  },
  { type: PayloadType.DELETE, protocol: ProtocolId.IKE, spis: [] },
  { type: PayloadType.DELETE, protocol: ProtocolId.ESP, spis: [spiBytes(1), spiBytes(2)] },
  { type: PayloadType.VENDOR_ID, data: filled(16, 0x88) },
  {
    type: PayloadType.TSi,
    selectors: [
      {
        tsType: TrafficSelectorType.TS_IPV4_ADDR_RANGE,
        protocol: 17,
        startPort: 0,
        endPort: 65_535,
        startAddress: Uint8Array.of(10, 1, 0, 0),
        endAddress: Uint8Array.of(10, 1, 0, 255),
      },
      {
        tsType: TrafficSelectorType.TS_SECLABEL,
        protocol: 0,
        startPort: 0,
        endPort: 0,
        startAddress: EMPTY,
        endAddress: EMPTY,
        body: filled(5, 0x6c),
      },
    ],
  },
  {
    type: PayloadType.TSr,
    selectors: [
      {
        tsType: TrafficSelectorType.TS_IPV6_ADDR_RANGE,
        protocol: 0,
        startPort: 65_535,
        endPort: 0,
        startAddress: filled(16, 0),
        endAddress: filled(16, 0xff),
      },
    ],
  },
  {
    type: PayloadType.CP,
    cfgType: ConfigType.CFG_REQUEST,
    attributes: [
      { type: ConfigAttributeType.INTERNAL_IP4_ADDRESS, value: EMPTY },
      { type: ConfigAttributeType.INTERNAL_IP6_ADDRESS, value: filled(17, 0xfd) },
    ],
  },
  { type: PayloadType.EAP, code: EapCode.REQUEST, identifier: 7, method: EapType.IDENTITY, data: filled(3, 0x61) },
  { type: PayloadType.EAP, code: EapCode.SUCCESS, identifier: 8, method: 0, data: EMPTY },
  { type: PayloadType.UNKNOWN, payloadType: 77, critical: true, body: filled(6, 0x77) },
];

function head(exchangeType: number): MessageHead {
  return {
    spiInitiatorHi: 0x01234567,
    spiInitiatorLo: 0x89abcdef,
    spiResponderHi: 0xfedcba98,
    spiResponderLo: 0x76543210,
    exchangeType,
    flags: IkeFlags.INITIATOR,
    messageId: 1,
  };
}

/**
 * Wraps a chain of payloads, typically the decrypted inside of a message, as a message in the clear, so that mutations reach
 * its codecs.
 */
export function clearMessage(first: number, inner: Uint8Array): Uint8Array {
  const writer = new Writer(new Uint8Array(28 + inner.length));
  generateMessage(writer, head(ExchangeType.IKE_AUTH), []);
  writer.copy(inner);
  writer.patchU8(16, first);
  writer.patchU32(24, writer.offset);
  return writer.bytes;
}

/** Seeds that need no captured message: each sample payload alone, all of them, and an SKF payload. */
export function encoderSeeds(): Uint8Array[] {
  const writer = new Writer(new Uint8Array(4096));
  const seeds: Uint8Array[] = [];
  for (const payload of SAMPLE_PAYLOADS) {
    const length = generateMessage(writer.reset(), head(ExchangeType.IKE_SA_INIT), [payload]);
    seeds.push(writer.bytes.slice(0, length));
  }
  const all = generateMessage(writer.reset(), head(ExchangeType.CREATE_CHILD_SA), SAMPLE_PAYLOADS);
  seeds.push(writer.bytes.slice(0, all));
  // Under the identity cipher of the target, the zeros are a pad length of zero.
  const fragment = Uint8Array.of(35, 0, 0, 40, 0, 1, 0, 2, ...filled(32, 0));
  seeds.push(clearMessage(PayloadType.SKF, fragment));
  return seeds;
}
