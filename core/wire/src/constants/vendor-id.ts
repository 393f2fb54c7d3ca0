/** A vendor id that says what its sender is or can do. */
export interface KnownVendorId {
  /** As log lines print it. */
  readonly name: string;
  readonly data: Uint8Array;
}

function known(name: string, hex: string): KnownVendorId {
  const data = new Uint8Array(hex.length / 2);
  for (let i = 0; i < data.length; i++) data[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return { name, data };
}

/** Vendor ids with a meaning in IKEv2. */
export const VENDOR_IDS_V2: readonly KnownVendorId[] = [
  known("strongSwan", "882fe56d6fd20dbc2251613b2ebe5beb"),
  known("FRAGMENTATION", "4048b7d56ebce88525e7de7f00d6c2d3"),
];

/** Vendor ids with a meaning in IKEv1. */
export const VENDOR_IDS_V1: readonly KnownVendorId[] = [
  known("strongSwan", "882fe56d6fd20dbc2251613b2ebe5beb"),
  known("XAuth", "09002689dfd6b712"),
  known("DPD", "afcad71368a1f1c96b8696fc77570100"),
  known("Cisco Unity", "12f5f28c457168a9702d9fe274cc0100"),
  known("FRAGMENTATION", "4048b7d56ebce88525e7de7f00d6c2d380000000"),
  known("MS NT5 ISAKMPOAKLEY", "1e2b516905991c7d7c96fcbfb587e46100000000"),
  known("KAME/racoon", "7003cbc1097dbe9c2600ba6983bc8b35"),
  known("NAT-T (RFC 3947)", "4a131c81070358455c5728f20e95452f"),
  known("draft-ietf-ipsec-nat-t-ike-00", "4485152d18b6bbcd0be8a8469579ddcc"),
];

/** The name of a vendor id that is in a list exactly as received; undefined for others. */
export function vendorIdName(list: readonly KnownVendorId[], data: Uint8Array): string | undefined {
  return list.find((id) => id.data.length === data.length && id.data.every((octet, i) => octet === data[i]))?.name;
}
