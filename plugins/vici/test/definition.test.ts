import { encodeMessage, parseMessage } from "@cygnet/vici";
import type { MessageData } from "@cygnet/vici";
import type { PeerDefinition } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { settingsWithoutEffect } from "../src/definition/index.js";
import { buildConnection } from "../src/index.js";

const build = (data: MessageData): PeerDefinition => buildConnection("home", parseMessage(encodeMessage(data))).peer;
const problem = (data: MessageData): string => {
  try {
    build(data);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

/** Every option of a connection, with values that it can have here, and what is refused of it by name. */
const CONNECTION: readonly (readonly [option: string, accepted: readonly string[], refused: readonly string[]])[] = [
  ["version", ["0", "1", "2"], ["3", "x"]],
  ["local_addrs", ["192.0.2.1", "%any"], []],
  ["remote_addrs", ["192.0.2.0/24", "host.example.org"], []],
  ["local_port", ["500", "0"], ["65536"]],
  ["remote_port", ["4500"], ["-1"]],
  ["proposals", ["default", "aes128-sha256-modp2048"], []],
  ["vips", ["0.0.0.0", "::", "%any"], []],
  ["aggressive", ["yes", "no"], ["maybe"]],
  ["pull", ["yes", "no"], ["maybe"]],
  ["dscp", ["000000", "101110"], ["46", "1111111"]],
  ["encap", ["yes"], ["x"]],
  ["mobike", ["no"], ["x"]],
  ["dpd_delay", ["0s", "30", "2m"], ["-1", "soon"]],
  ["dpd_timeout", ["150s"], ["soon"]],
  ["fragmentation", ["yes", "accept", "force", "no"], ["x"]],
  ["childless", ["allow", "prefer", "force", "never"], ["x"]],
  ["send_certreq", ["no"], ["x"]],
  ["send_cert", ["always", "never", "ifasked"], ["x"]],
  ["ocsp", ["reply"], ["both", "request"]],
  ["ppk_id", [""], ["someone"]],
  ["ppk_required", ["no"], ["yes"]],
  ["keyingtries", ["1", "0", "%forever"], ["many"]],
  ["unique", ["never", "no", "keep", "replace"], ["x"]],
  ["reauth_time", ["3h"], ["x"]],
  ["rekey_time", ["4h"], ["x"]],
  ["over_time", ["10m"], ["x"]],
  ["rand_time", ["5m"], ["x"]],
  ["pools", ["clients"], []],
  ["if_id_in", ["0", "42", "0x2a"], ["%unique", "x"]],
  ["if_id_out", ["0", "42"], ["%unique-dir"]],
  ["mediation", ["no"], ["yes"]],
  ["mediated_by", [""], ["x"]],
  ["mediation_peer", [""], ["x"]],
];

const ROUND: typeof CONNECTION = [
  ["round", ["0", "2"], ["x"]],
  [
    "auth",
    ["psk", "pubkey", "eap", "eap-mschapv2", "eap-7-12345", "xauth", "xauth-pam", "ike:rsa-sha256", "rsa-2048"],
    ["magic", "eap-none"],
  ],
  ["id", ["moon.example.org"], []],
  ["eap_id", ["carol"], []],
];
const LOCAL: typeof CONNECTION = [
  ...ROUND,
  ["aaa_id", ["aaa.example.org"], []],
  ["xauth_id", ["carol"], []],
  ["pubkeys", ["x"], []],
];
const REMOTE: typeof CONNECTION = [
  ...ROUND,
  ["groups", ["sales"], []],
  ["cert_policy", ["1.2.3"], []],
  ["pubkeys", ["x"], []],
  ["ca_id", ["C=CH"], []],
  ["revocation", ["relaxed", "strict", "ifuri"], ["sometimes"]],
];

const CHILD: typeof CONNECTION = [
  ["ah_proposals", ["sha256"], []],
  ["esp_proposals", ["default", "aes128gcm16"], []],
  ["sha256_96", ["no", "yes"], ["x"]],
  ["local_ts", ["dynamic", "10.1.0.0/16[tcp/80]"], []],
  ["remote_ts", ["10.2.0.0/16"], []],
  ["rekey_time", ["1h"], ["x"]],
  ["life_time", ["2h"], ["x"]],
  ["rand_time", ["5m"], ["x"]],
  ["rekey_bytes", ["1000", "5m", "2g", "1k"], ["x", "1t"]],
  ["life_bytes", ["10m"], ["x"]],
  ["rand_bytes", ["1m"], ["x"]],
  ["rekey_packets", ["1000"], ["x"]],
  ["life_packets", ["2000"], ["x"]],
  ["rand_packets", ["10"], ["x"]],
  ["updown", ["/bin/true"], []],
  ["hostaccess", ["yes"], ["x"]],
  ["mode", ["tunnel", "transport", "transport_proxy", "beet", "pass", "drop"], ["x", "iptfs"]],
  ["policies", ["no"], ["x"]],
  ["policies_fwd_out", ["no", "yes"], ["x"]],
  ["dpd_action", ["clear", "trap", "restart", "none", "start"], ["x"]],
  ["ipcomp", ["no", "yes"], ["x"]],
  ["inactivity", ["5m"], ["x"]],
  ["reqid", ["0", "42"], ["x"]],
  ["priority", ["0", "1000"], ["x"]],
  ["interface", ["", "eth0"], []],
  ["mark_in", ["42", "0x10/0xff", "%unique"], []],
  ["mark_in_sa", ["no", "yes"], ["x"]],
  ["mark_out", ["42"], []],
  ["set_mark_in", ["0/0x00000000", "42", "%same"], []],
  ["set_mark_out", ["0", "%same"], []],
  ["if_id_in", ["0", "42", "%unique"], []],
  ["if_id_out", ["42", "%unique-dir"], []],
  ["label", [""], []],
  ["label_mode", ["system", "simple"], ["selinux", "x"]],
  ["tfc_padding", ["0", "1400", "mtu"], ["x"]],
  ["replay_window", ["0", "32", "4096"], ["x"]],
  ["per_cpu_sas", ["no"], ["yes", "encap"]],
  ["hw_offload", ["no", "auto", "yes", "crypto"], ["packet", "x"]],
  ["copy_df", ["yes", "no"], ["x"]],
  ["copy_ecn", ["yes", "no"], ["x"]],
  ["copy_dscp", ["out", "in", "yes", "no"], ["x"]],
  ["icmp", ["no", "yes"], ["x"]],
  ["start_action", ["none", "trap", "start", "trap|start"], ["x"]],
  ["close_action", ["none", "trap", "start"], ["x"]],
];

describe.each([
  ["connection", CONNECTION, (option: MessageData) => option],
  ["local round", LOCAL, (option: MessageData) => ({ local: option })],
  ["remote round", REMOTE, (option: MessageData) => ({ "remote-2": option })],
  ["child", CHILD, (option: MessageData) => ({ children: { net: option } })],
] as const)("each option of a %s", (_what, options, place) => {
  it.each(options.flatMap(([name, accepted]) => accepted.map((value) => [name, value] as const)))(
    "%s = %s is taken, as a text and as a list",
    (name, value) => {
      expect(problem(place({ [name]: value }))).toBe("accepted");
    },
  );

  it.each(options.flatMap(([name, , refused]) => refused.map((value) => [name, value] as const)))(
    "%s = %s is refused by name",
    (name, value) => {
      expect(problem(place({ [name]: value }))).toContain(name);
      expect(problem(place({ [name]: value }))).toMatch(/discarded$|are not supported by this release$/);
    },
  );
});

describe("what has no effect in this release", () => {
  it("is told in the words of swanctl.conf", () => {
    const child = { mode: "transport_proxy" };
    expect(settingsWithoutEffect(build({ version: "1", aggressive: "yes", pull: "no", children: { net: child } }))).toEqual([
      "version = 1",
      "aggressive",
      "pull = no",
      "mode = transport_proxy",
    ]);
    expect(settingsWithoutEffect(build({ children: { net: {} } }))).toEqual([]);
  });
});

describe("a connection", () => {
  it("has strongSwan's defaults", () => {
    expect(build({})).toMatchObject({
      name: "home",
      version: 0,
      localAddresses: ["%any"],
      remoteAddresses: ["%any"],
      proposals: ["default"],
      unique: "no",
      rekeyTime: 14_400,
      reauthTime: 0,
      overTime: 1440,
      jitterTime: 1440,
      mobike: true,
      push: false,
      fragmentation: "yes",
      childless: "allow",
      keyingTries: 1,
      children: [],
    });
  });

  it("has lifetimes that follow from those that are given", () => {
    expect(build({ reauth_time: "3h" })).toMatchObject({ rekeyTime: 0, reauthTime: 10_800, overTime: 1080, jitterTime: 1080 });
    expect(build({ rekey_time: "1h", over_time: "2m" })).toMatchObject({ rekeyTime: 3600, overTime: 120, jitterTime: 120 });
    const child = (given: MessageData) => build({ children: { net: given } }).children[0]!;
    expect(child({})).toMatchObject({ rekeyTime: 3600, lifeTime: 3960, jitterTime: 360, rekeyBytes: 0, lifeBytes: 0 });
    expect(child({ life_time: "11m" })).toMatchObject({ rekeyTime: 600, lifeTime: 660, jitterTime: 60 });
    expect(child({ life_bytes: "1000000" })).toMatchObject({ rekeyBytes: 909_090, lifeBytes: 1_000_000, jitterBytes: 90_910 });
    expect(child({ rekey_packets: "1000", rand_packets: "0" })).toMatchObject({
      rekeyPackets: 1000,
      lifePackets: 1100,
      jitterPackets: 0,
    });
    expect(child({ rekey_time: "0" })).toMatchObject({ rekeyTime: 0, lifeTime: 0 });
  });

  it("has its rounds in the order of their numbers", () => {
    const { local, remote } = build({
      "local-b": { auth: "eap-md5", round: "2", eap_id: "%any" },
      "local-a": { auth: "psk", round: "1", id: "moon" },
      remote: {},
    });
    expect(local.map(({ auth, id, eapType, eapIdentity }) => [auth, id, eapType, eapIdentity])).toEqual([
      ["psk", "moon", 0, undefined],
      ["eap", undefined, 4, "%identity"],
    ]);
    expect(remote).toMatchObject([{ auth: "pubkey", id: undefined }]);
  });

  it("takes lists with commas from programs that do not split them", () => {
    expect(build({ remote_addrs: "192.0.2.1, 192.0.2.2" }).remoteAddresses).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect(build({ vips: ["%any", "%any6"] }).virtualIps).toEqual(["0.0.0.0", "::"]);
  });

  it("is refused for what is not known, by name", () => {
    expect(problem({ bogus: "1" })).toBe("unknown option: bogus, config discarded");
    expect(problem({ elsewhere: {} })).toBe("invalid section: elsewhere");
    expect(problem({ local: { bogus: "1" } })).toBe("unknown option: bogus, config discarded");
    expect(problem({ local: { cert1: { file: "/nowhere" } } })).toBe("unable to load certificate: /nowhere: ENOENT");
    expect(problem({ local: { cert1: { handle: "1" } } })).toContain("cert1.handle");
    expect(problem({ local: { other: {} } })).toBe("invalid section: other");
    expect(problem({ children: { net: { bogus: "1" } } })).toBe("unknown option: bogus, config discarded");
    expect(problem({ children: { net: { inner: {} } } })).toBe("invalid section: inner");
    expect(problem({ children: { net: "x" } })).toBe("unknown option: net, config discarded");
    expect(problem({ constructor: "1" })).toBe("unknown option: constructor, config discarded");
    expect(problem({ children: { net: { esp_proposals: "a", ah_proposals: "b" } } })).toContain("ah_proposals");
    expect(problem({ version: ["2"] })).toBe("invalid value for: version, config discarded");
    expect(problem({ proposals: [] })).toBe("invalid value for: proposals, config discarded");
  });
});
