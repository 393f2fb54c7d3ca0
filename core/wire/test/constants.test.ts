import {
  AuthMethod,
  authMethodName,
  CertEncoding,
  certEncodingName,
  ConfigAttributeType,
  configAttributeTypeName,
  configAttributeTypeShortName,
  ConfigType,
  configTypeName,
  EapCode,
  EapType,
  eapTypeName,
  eapTypeShortName,
  EncryptionAlgorithm,
  encryptionAlgorithmName,
  esnName,
  ExchangeType,
  exchangeTypeName,
  HashAlgorithm,
  hashAlgorithmName,
  IdType,
  idTypeName,
  IkeFlags,
  IntegrityAlgorithm,
  integrityAlgorithmName,
  IpcompTransform,
  KeyExchangeMethod,
  keyExchangeMethodName,
  NotifyType,
  notifyTypeName,
  notifyTypeShortName,
  NotifyTypeV1,
  PayloadType,
  payloadTypeName,
  payloadTypeShortName,
  ProtocolId,
  protocolIdName,
  PseudoRandomFunction,
  pseudoRandomFunctionName,
  TrafficSelectorType,
  trafficSelectorTypeName,
  TransformType,
  transformTypeName,
  VENDOR_IDS_V1,
  VENDOR_IDS_V2,
  vendorIdName,
} from "@cygnet/wire";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const ROWS = readFileSync(new URL("./vectors/constants.tsv", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split("\t"));

type EnumObject = Readonly<Record<string, string | number>>;

const groups: readonly [group: string, numbers: EnumObject, prefix: string][] = [
  ["exchange", ExchangeType, ""],
  ["notify", { ...NotifyTypeV1, ...NotifyType }, ""],
  ["config_attribute", ConfigAttributeType, ""],
  ["id_type", IdType, ""],
  ["auth_method", AuthMethod, "AUTH_"],
  ["protocol", ProtocolId, "PROTO_"],
  ["ts_type", TrafficSelectorType, ""],
  ["cert_encoding", CertEncoding, "ENC_"],
  ["config_type", ConfigType, ""],
  ["eap_type", EapType, "EAP_"],
  ["eap_code", EapCode, "EAP_"],
  ["hash", HashAlgorithm, "HASH_"],
  ["ipcomp", IpcompTransform, "IPCOMP_"],
  ["transform_type", TransformType, ""],
  ["ke", KeyExchangeMethod, "KE_"],
  ["encr", EncryptionAlgorithm, ""],
  ["integ", IntegrityAlgorithm, ""],
  ["prf", PseudoRandomFunction, ""],
];

/** Not wire numbers, or an alias for another name. */
const LEFT_OUT = new Set(["EXCHANGE_TYPE_UNDEFINED", "ID_USER_FQDN", "EAP_RADIUS", "EAP_DYNAMIC", "EAP_UNASSIGNED"]);

describe("constants", () => {
  it.each(groups)("have the recorded numbers: %s", (group, numbers, prefix) => {
    const rows = ROWS.filter(([of, name]) => of === group && !LEFT_OUT.has(name));
    expect(rows.length).toBeGreaterThan(0);
    for (const [, name, value] of rows) {
      const member = name.startsWith(prefix) && prefix !== "" ? name.slice(prefix.length) : name;
      expect(numbers[member], name).toBe(Number(value));
    }
  });

  it("have the recorded payload numbers", () => {
    const rows = ROWS.filter(([of, , value]) => of === "payload" && Number(value) < 256);
    for (const [, name, value] of rows) expect(PayloadType[Number(value)], name).toBeDefined();
  });

  it("have the recorded header flags", () => {
    expect([IkeFlags.INITIATOR, IkeFlags.VERSION, IkeFlags.RESPONSE]).toEqual([8, 16, 32]);
  });

  it.each([
    ["v2", VENDOR_IDS_V2, "vendor_id_ikev2"],
    ["v1", VENDOR_IDS_V1, "vendor_id_ikev1"],
  ] as const)("know the recorded vendor ids of IKE%s by name", (_version, list, group) => {
    const rows = ROWS.filter(([of]) => of === group);
    expect(list.length).toBe(rows.length);
    for (const [, name, hex] of rows) expect(vendorIdName(list, Uint8Array.from(Buffer.from(hex, "hex")))).toBe(name);
    expect(vendorIdName(list, Uint8Array.of(1, 2, 3))).toBeUndefined();
  });
});

describe("names", () => {
  it.each([
    [exchangeTypeName, 34, "IKE_SA_INIT"],
    [payloadTypeName, 34, "KEY_EXCHANGE"],
    [payloadTypeShortName, 40, "No"],
    [notifyTypeName, 14, "NO_PROPOSAL_CHOSEN"],
    [notifyTypeShortName, 14, "NO_PROP"],
    [configTypeName, 1, "CFG_REQUEST"],
    [configAttributeTypeName, 1, "INTERNAL_IP4_ADDRESS"],
    [configAttributeTypeShortName, 10, "DNS6"],
    [idTypeName, 2, "ID_FQDN"],
    [authMethodName, 2, "pre-shared key"],
    [protocolIdName, 3, "ESP"],
    [trafficSelectorTypeName, 7, "TS_IPV4_ADDR_RANGE"],
    [certEncodingName, 4, "ENC_X509_SIGNATURE"],
    [eapTypeName, 26, "EAP_MSCHAPV2"],
    [eapTypeShortName, 26, "MSCHAPV2"],
    [transformTypeName, 4, "KEY_EXCHANGE_METHOD"],
    [encryptionAlgorithmName, 12, "ENCR_AES_CBC"],
    [integrityAlgorithmName, 2, "AUTH_HMAC_SHA1_96"],
    [pseudoRandomFunctionName, 2, "PRF_HMAC_SHA1"],
    [keyExchangeMethodName, 31, "CURVE_25519"],
    [hashAlgorithmName, 2, "HASH_SHA2_256"],
    [esnName, 0, "NO_EXT_SEQ"],
  ] as const)("print a known number: %o(%i) is %s", (name, value, text) => {
    expect(name(value)).toBe(text);
    expect(name(65_000)).toBe("(65000)");
  });

  it("exist in short form for every notify, configuration attribute and EAP method", () => {
    for (const value of Object.values(NotifyType)) {
      if (typeof value === "number") expect(notifyTypeShortName(value), NotifyType[value]).not.toMatch(/^\(/);
    }
    for (const value of Object.values(ConfigAttributeType)) {
      if (typeof value === "number") expect(configAttributeTypeShortName(value)).not.toMatch(/^\(/);
    }
    for (const value of Object.values(EapType)) {
      if (typeof value === "number") expect(eapTypeShortName(value)).not.toMatch(/^\(/);
    }
    for (const value of Object.values(PayloadType)) {
      if (typeof value !== "number") continue;
      expect(payloadTypeShortName(value), PayloadType[value]).not.toMatch(/^\(/);
      expect(payloadTypeName(value), PayloadType[value]).not.toMatch(/^\(/);
    }
  });
});
