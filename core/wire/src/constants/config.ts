import { nameOf } from "./names.js";

/** CFG types, RFC 7296 section 3.15. */
export enum ConfigType {
  CFG_REQUEST = 1,
  CFG_REPLY = 2,
  CFG_SET = 3,
  CFG_ACK = 4,
}

/**
 * Configuration attribute types, RFC 7296 section 3.15.1 and the IANA registry; XAUTH_ and UNITY_ are IKEv1's, 23456 and 23457
 * are Microsoft's.
 */
export enum ConfigAttributeType {
  INTERNAL_IP4_ADDRESS = 1,
  INTERNAL_IP4_NETMASK = 2,
  INTERNAL_IP4_DNS = 3,
  INTERNAL_IP4_NBNS = 4,
  INTERNAL_ADDRESS_EXPIRY = 5,
  INTERNAL_IP4_DHCP = 6,
  APPLICATION_VERSION = 7,
  INTERNAL_IP6_ADDRESS = 8,
  INTERNAL_IP6_NETMASK = 9,
  INTERNAL_IP6_DNS = 10,
  INTERNAL_IP6_NBNS = 11,
  INTERNAL_IP6_DHCP = 12,
  INTERNAL_IP4_SUBNET = 13,
  SUPPORTED_ATTRIBUTES = 14,
  INTERNAL_IP6_SUBNET = 15,
  MIP6_HOME_PREFIX = 16,
  INTERNAL_IP6_LINK = 17,
  INTERNAL_IP6_PREFIX = 18,
  HOME_AGENT_ADDRESS = 19,
  P_CSCF_IP4_ADDRESS = 20,
  P_CSCF_IP6_ADDRESS = 21,
  FTT_KAT = 22,
  EXT_SRC_IP4_NAT_INFO = 23,
  TIMEOUT_PERIOD_FOR_DPD = 24,
  INTERNAL_DNS_DOMAIN = 25,
  INTERNAL_DNSSEC_TA = 26,
  XAUTH_TYPE = 16520,
  XAUTH_USER_NAME = 16521,
  XAUTH_USER_PASSWORD = 16522,
  XAUTH_PASSCODE = 16523,
  XAUTH_MESSAGE = 16524,
  XAUTH_CHALLENGE = 16525,
  XAUTH_DOMAIN = 16526,
  XAUTH_STATUS = 16527,
  XAUTH_NEXT_PIN = 16528,
  XAUTH_ANSWER = 16529,
  INTERNAL_IP4_SERVER = 23456,
  INTERNAL_IP6_SERVER = 23457,
  UNITY_BANNER = 28672,
  UNITY_SAVE_PASSWD = 28673,
  UNITY_DEF_DOMAIN = 28674,
  UNITY_SPLITDNS_NAME = 28675,
  UNITY_SPLIT_INCLUDE = 28676,
  UNITY_NATT_PORT = 28677,
  UNITY_LOCAL_LAN = 28678,
  UNITY_PFS = 28679,
  UNITY_FW_TYPE = 28680,
  UNITY_BACKUP_SERVERS = 28681,
  UNITY_DDNS_HOSTNAME = 28682,
}

const SHORT_NAMES: Readonly<Record<number, string>> = {
  1: "ADDR",
  2: "MASK",
  3: "DNS",
  4: "NBNS",
  5: "EXP",
  6: "DHCP",
  7: "VER",
  8: "ADDR6",
  9: "MASK6",
  10: "DNS6",
  11: "NBNS6",
  12: "DHCP6",
  13: "SUBNET",
  14: "SUP",
  15: "SUBNET6",
  16: "MIP6HPFX",
  17: "LINK6",
  18: "PFX6",
  19: "HOA",
  20: "PCSCF4",
  21: "PCSCF6",
  22: "FTTKAT",
  23: "EXTSRC4",
  24: "DPD",
  25: "DOMAIN",
  26: "DNSSEC",
  16520: "X_TYPE",
  16521: "X_USER",
  16522: "X_PWD",
  16523: "X_CODE",
  16524: "X_MSG",
  16525: "X_CHALL",
  16526: "X_DOMAIN",
  16527: "X_STATUS",
  16528: "X_PIN",
  16529: "X_ANSWER",
  23456: "SRV",
  23457: "SRV6",
  28672: "U_BANNER",
  28673: "U_SAVEPWD",
  28674: "U_DEFDOM",
  28675: "U_SPLITDNS",
  28676: "U_SPLITINC",
  28677: "U_NATTPORT",
  28678: "U_LOCALLAN",
  28679: "U_PFS",
  28680: "U_FWTYPE",
  28681: "U_BKPSRV",
  28682: "U_DDNSHOST",
};

const TYPE_SHORT_NAMES: Readonly<Record<number, string>> = { 1: "RQ", 2: "RP", 3: "S", 4: "A" };

/** Name of a CFG type as log lines print it, such as `CFG_REQUEST`; `(9)` for an unknown one. */
export function configTypeName(type: number): string {
  return nameOf(ConfigType, type);
}

/** What message summaries print behind `CP` for a CFG type: `RQ`, `RP`, `S`, `A`; `(9)` for an unknown one. */
export function configTypeShortName(type: number): string {
  return nameOf(TYPE_SHORT_NAMES, type);
}

/** Name of a configuration attribute, such as `INTERNAL_IP4_ADDRESS`; `(99)` for an unknown one. */
export function configAttributeTypeName(type: number): string {
  return nameOf(ConfigAttributeType, type);
}

/** Short name of a configuration attribute as message summaries print it, such as `ADDR`; `(99)` for an unknown one. */
export function configAttributeTypeShortName(type: number): string {
  return nameOf(SHORT_NAMES, type);
}
