/** What the members of a definition are called in swanctl.conf, where a store refuses one of them. */
const NAMES: Readonly<Record<string, string>> = {
  localAddresses: "local_addrs",
  remoteAddresses: "remote_addrs",
  virtualIps: "vips",
  localTs: "local_ts",
  remoteTs: "remote_ts",
  markIn: "mark_in",
  markOut: "mark_out",
  setMarkIn: "set_mark_in",
  setMarkOut: "set_mark_out",
  ifIdIn: "if_id_in",
  ifIdOut: "if_id_out",
  rekeyTime: "rekey_time",
  rekeyBytes: "rekey_bytes",
  rekeyPackets: "rekey_packets",
  overTime: "over_time",
  jitterTime: "rand_time",
  dpdDelay: "dpd_delay",
  dpdTimeout: "dpd_timeout",
  eapIdentity: "eap_id",
  aaaIdentity: "aaa_id",
};

/** The option that a store's error is about, as in `home.children.net.localTs`. @param protocol of the child, where it is one's */
export function optionOf(where: string, protocol: "esp" | "ah" | undefined): string {
  const member = where.slice(where.lastIndexOf(".") + 1);
  if (member === "proposals" && where.includes(".children.")) return `${protocol ?? "esp"}_proposals`;
  return Object.hasOwn(NAMES, member) ? NAMES[member] : member;
}
