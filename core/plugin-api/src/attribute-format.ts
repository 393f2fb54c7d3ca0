import { ConfigAttributeType as Type } from "@cygnet/wire";

/** What a value of an attribute looks like; `free` is whatever the operator wrote. */
export type AttributeFormat = "ipv4" | "ipv6" | "ipv6-prefix" | "ipv4-subnet" | "ipv6-subnet" | "free";

/** Keys of strongswan.conf, with the type for IPv4 and the one for IPv6 values. */
export const NAMED_TYPES: Readonly<Record<string, readonly [ipv4: number, ipv6: number]>> = {
  address: [Type.INTERNAL_IP4_ADDRESS, Type.INTERNAL_IP6_ADDRESS],
  dhcp: [Type.INTERNAL_IP4_DHCP, Type.INTERNAL_IP6_DHCP],
  dns: [Type.INTERNAL_IP4_DNS, Type.INTERNAL_IP6_DNS],
  nbns: [Type.INTERNAL_IP4_NBNS, Type.INTERNAL_IP6_NBNS],
  netmask: [Type.INTERNAL_IP4_NETMASK, Type.INTERNAL_IP6_NETMASK],
  "p-cscf": [Type.P_CSCF_IP4_ADDRESS, Type.P_CSCF_IP6_ADDRESS],
  server: [Type.INTERNAL_IP4_SERVER, Type.INTERNAL_IP6_SERVER],
  subnet: [Type.INTERNAL_IP4_SUBNET, Type.INTERNAL_IP6_SUBNET],
  "split-include": [Type.UNITY_SPLIT_INCLUDE, Type.UNITY_SPLIT_INCLUDE],
  "split-exclude": [Type.UNITY_LOCAL_LAN, Type.UNITY_LOCAL_LAN],
};

/** Octets on the wire are laid down in RFC 7296 section 3.15.1, RFC 7651 and draft-dukes-ike-mode-cfg; types not listed are free. */
const FORMATS: Readonly<Record<number, AttributeFormat>> = {
  [Type.INTERNAL_IP4_ADDRESS]: "ipv4",
  [Type.INTERNAL_IP4_NETMASK]: "ipv4",
  [Type.INTERNAL_IP4_DNS]: "ipv4",
  [Type.INTERNAL_IP4_NBNS]: "ipv4",
  [Type.INTERNAL_IP4_DHCP]: "ipv4",
  [Type.P_CSCF_IP4_ADDRESS]: "ipv4",
  [Type.INTERNAL_IP4_SERVER]: "ipv4",
  [Type.INTERNAL_IP6_ADDRESS]: "ipv6-prefix",
  [Type.INTERNAL_IP6_NETMASK]: "ipv6",
  [Type.INTERNAL_IP6_DNS]: "ipv6",
  [Type.INTERNAL_IP6_NBNS]: "ipv6",
  [Type.INTERNAL_IP6_DHCP]: "ipv6",
  [Type.P_CSCF_IP6_ADDRESS]: "ipv6",
  [Type.INTERNAL_IP6_SERVER]: "ipv6",
  [Type.INTERNAL_IP4_SUBNET]: "ipv4-subnet",
  [Type.UNITY_SPLIT_INCLUDE]: "ipv4-subnet",
  [Type.UNITY_LOCAL_LAN]: "ipv4-subnet",
  [Type.INTERNAL_IP6_SUBNET]: "ipv6-subnet",
};

/** The format of an attribute's values. */
export function attributeFormat(type: number): AttributeFormat {
  return FORMATS[type] ?? "free";
}
