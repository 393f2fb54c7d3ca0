import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Host, LogGroup } from "@cygnet/plugin-api";
import type { KernelNet, Logger } from "@cygnet/plugin-api";
import { StrokeMessageType, decodeStrokeMessage, encodeStrokeMessage } from "../../src/abi/index.js";
import { PLAIN_NOTATION, buildConnection, connectionLines, describeRequest, orderEnds, readEnds } from "../../src/index.js";
import { certificateInfo } from "../support/fake-services.js";
import type { AddConnFields } from "../../src/index.js";
import { captured } from "../support/captured.js";

interface Vector {
  readonly request_hex: string;
  readonly decoded: { readonly type: number; readonly fields: { readonly name?: string } };
}
const FILE = new URL("../vectors/stroke-messages.json", import.meta.url);
const { messages } = JSON.parse(readFileSync(FILE, "utf8")) as { readonly messages: readonly Vector[] };

/** A request that starter sent. */
function captureOf(name: string): AddConnFields {
  const found = messages.find(({ decoded }) => decoded.type === StrokeMessageType.ADD_CONN && decoded.fields.name === name);
  return fieldsOf(Buffer.from(found!.request_hex, "hex"));
}

function fieldsOf(bytes: Uint8Array): AddConnFields {
  const message = decodeStrokeMessage(bytes);
  if (message.type !== StrokeMessageType.ADD_CONN) throw new Error("not an ADD_CONN");
  return message.fields;
}

/** starter's `net-net` with some settings changed. */
const fields = (changes: Partial<AddConnFields> = {}): AddConnFields => ({ ...captureOf("net-net"), ...changes });

function build(given: AddConnFields) {
  const log = new Lines();
  const { me, other } = readEnds(given);
  return { ...buildConnection(given, { local: me, remote: other }, log), lines: log.lines };
}

class Lines implements Logger {
  readonly lines: string[] = [];
  enabled = (): boolean => true;
  log = (group: LogGroup, level: number, message: string): void => void this.lines.push(`${LogGroup[group]}${level} ${message}`);
}

describe("buildConnection of what starter sent", () => {
  it.each(["net-net", "rw", "pass-lan", "xa"])("prints '%s' under Connections as strongSwan did", (name) => {
    const expected = captured("6.0.6", "ipsec statusall")
      .filter((line) => line.trimStart().startsWith(`${name}: `))
      .filter((line) => !line.endsWith(" PASS"));
    expect(expected.length).toBeGreaterThan(3);
    // As if the file's certificate had been loaded, whose fingerprint takes the place of the name.
    const loaded = { ...certificateInfo("stroke", "C=CH, O=Example, CN=moon.example.org", false), fingerprint: "moon.pem" };
    expect(connectionLines(build(captureOf(name)).peer, PLAIN_NOTATION, [loaded])).toEqual(expected);
  });

  it("computes the times of the facts: renewal a margin before the lifetime, jitter by the fuzz", () => {
    const { peer } = build(captureOf("net-net"));
    expect(peer).toMatchObject({ reauthTime: 3420, rekeyTime: 0, jitterTime: 180, overTime: 180, keyingTries: 1 });
    expect(peer.children[0]).toMatchObject({ rekeyTime: 1020, lifeTime: 1200, jitterTime: 180, rekeyBytes: 0, lifeBytes: 0 });
  });

  it("takes over the rest of net-net", () => {
    const { peer, pools, dns, lines } = build(captureOf("net-net"));
    expect(peer).toMatchObject({
      version: 2,
      proposals: ["aes128-sha1-modp1024"],
      unique: "replace",
      dpdDelay: 30,
      mobike: true,
      fragmentation: "yes",
      sendCertificates: "ifasked",
      virtualIps: [],
      pools: [],
    });
    expect(peer.local[0]).toMatchObject({ auth: "psk", id: "@moon.example.org", idLoose: false });
    expect(peer.children[0]).toMatchObject({
      name: "net-net",
      localTs: ["10.1.0.0/24"],
      proposals: ["aes128-sha1"],
      mode: "tunnel",
    });
    expect(peer.children[0]).toMatchObject({ replayWindow: undefined, tfc: 0, markIn: undefined, installPolicy: true });
    expect({ pools, dns, lines }).toEqual({ pools: { names: [], own: [] }, dns: [], lines: [] });
  });

  it("gives the second round of XAuth the identity and the user name", () => {
    const { local } = build(captureOf("xa")).peer;
    expect(local[1]).toMatchObject({ auth: "xauth", id: "alice", eapIdentity: "alice", xauthBackend: undefined });
  });
});

describe("buildConnection", () => {
  it("appends the default proposals unless told not to", () => {
    expect(build(fields({ "algorithms.ike": "aes128-sha1-modp768, aes256-sha1-modp2048" })).peer.proposals).toEqual([
      "aes128-sha1-modp768",
      "aes256-sha1-modp2048",
      "default",
    ]);
    expect(build(fields({ "algorithms.ike": null })).peer.proposals).toEqual(["default"]);
    expect(build(fields({ "algorithms.ah": "sha1!" })).peer.children[0]).toMatchObject({ protocol: "ah", proposals: ["sha1"] });
  });

  it("rekeys instead of reauthenticating without reauth, and does neither without lifetimes", () => {
    expect(build(fields({ "rekey.reauth": 0 })).peer).toMatchObject({ reauthTime: 0, rekeyTime: 3420 });
    const none = { "rekey.ike_lifetime": 0n, "rekey.ipsec_lifetime": 0n, "rekey.margin": 0n, "rekey.fuzz": 0n };
    const { peer } = build(fields(none));
    expect(peer).toMatchObject({ reauthTime: 0, rekeyTime: 0, jitterTime: 0, overTime: 0 });
    expect(peer.children[0]).toMatchObject({ rekeyTime: 0, lifeTime: 0 });
  });

  it("cuts byte limits to what a number can count", () => {
    const [child] = build(fields({ "rekey.life_bytes": 2n ** 64n - 1n, "rekey.margin_bytes": 1000n })).peer.children;
    expect(child).toMatchObject({
      lifeBytes: Number.MAX_SAFE_INTEGER,
      rekeyBytes: Number.MAX_SAFE_INTEGER - 1000,
      jitterBytes: 1000,
    });
  });

  it.each([
    [0, "none", 0],
    [1, "none", 30],
    [2, "trap", 30],
    [3, "start", 30],
  ] as const)("makes dpdaction %i into %s with a delay of %i", (action, dpdAction, dpdDelay) => {
    const { peer } = build(fields({ "dpd.action": action, close_action: action }));
    expect(peer.dpdDelay).toBe(dpdDelay);
    expect(peer.children[0]).toMatchObject({ dpdAction, closeAction: dpdAction });
  });

  it.each([
    [0, "no"],
    [1, "replace"],
    [2, "replace"],
    [3, "keep"],
    [4, "never"],
  ] as const)("makes uniqueids %i into %s", (unique, expected) => expect(build(fields({ unique })).peer.unique).toBe(expected));

  it("reads marks", () => {
    const markOf = (value: number, mask: number) =>
      build(fields({ "mark_in.value": value, "mark_in.mask": mask })).peer.children[0].markIn;
    expect([markOf(0, 0), markOf(42, 0xffffffff), markOf(5, 0xff)]).toEqual([undefined, "42", "5/0xff"]);
    expect([markOf(0xffffffff, 0xffffffff), markOf(0xfffffffe, 0xf)]).toEqual(["%unique", "%unique-dir/0xf"]);
  });

  it("puts protocol and ports behind selectors that have none of their own", () => {
    const tsOf = (given: Partial<AddConnFields>) => build(fields(given)).peer.children[0].localTs;
    const tcp80 = { "me.protocol": 6, "me.from_port": 80, "me.to_port": 80 };
    expect(tsOf({ ...tcp80, "me.subnets": "10.1.0.0/24, 10.2.0.0/24[17/53],%dynamic" })).toEqual([
      "10.1.0.0/24[6/80]",
      "10.2.0.0/24[17/53]",
      "dynamic[6/80]",
    ]);
    expect(tsOf({ ...tcp80, "me.tohost": 1 })).toEqual(["dynamic[6/80]"]);
    expect(tsOf({ "me.protocol": 17, "me.subnets": null })).toEqual(["dynamic[17]"]);
    expect(tsOf({ "me.from_port": 65535, "me.to_port": 0 })).toEqual(["10.1.0.0/24[0/%opaque]"]);
    expect(tsOf({ "me.protocol": 6, "me.from_port": 1, "me.to_port": 9 })).toEqual(["10.1.0.0/24[6/1-9]"]);
  });

  it("asks for virtual IPs of the family that is to be reached", () => {
    const vips = (given: Partial<AddConnFields>) => build(fields(given)).peer.virtualIps;
    expect(vips({ "me.sourceip": "%config" })).toEqual(["0.0.0.0"]);
    expect(vips({ "me.sourceip": "%config", "other.subnets": "fec0::/16" })).toEqual(["::"]);
    expect(vips({ "me.sourceip": "%config4,%config6,10.3.0.9" })).toEqual(["0.0.0.0", "::", "10.3.0.9"]);
  });

  it("asks for no virtual IP where the peer gets one, and says so", () => {
    const { peer, lines } = build(fields({ "me.sourceip": "%config", "other.sourceip": "10.3.0.0/24" }));
    expect([peer.virtualIps, peer.pools]).toEqual([[], ["10.3.0.0/24"]]);
    expect(lines).toContain(
      "CFG1 'net-net' has both left- and rightsourceip, but IKE can negotiate one virtual IP only, ignoring local virtual IP",
    );
  });

  it.each(["10.9.0.2", "10.9.0.0/24", "fd00::/8", "10.9.0.1-10.9.0.9", "10.9.0.1,10.9.0.2"])(
    "expects the peer at %s to identify itself so where no identity is given",
    (address) => expect(build(fields({ "other.id": null, "other.address": address })).peer.remote[0].id).toBe(address),
  );

  it("has a second round with the identity of the first for us, and with any for the peer, unless it is given", () => {
    const rounds = (given: Partial<AddConnFields>) => {
      const { peer } = build(fields({ "me.auth2": "xauth", "other.auth2": "eap", ...given }));
      return [peer.local[1].id, peer.remote[1].id];
    };
    expect(rounds({ "me.id": "moon", "other.id": "sun" })).toEqual(["moon", undefined]);
    expect(rounds({ "me.id": null, "other.id": null })).toEqual([undefined, undefined]);
    expect(rounds({ "me.id2": "moon2", "other.id2": "%sun2" })).toEqual(["moon2", "sun2"]);
  });

  it("prints the mode of a proxy as strongSwan does, which tells it only of CHILD_SAs", () => {
    const lines = connectionLines(build(fields({ mode: 1, proxy_mode: 1 })).peer, PLAIN_NOTATION);
    expect(lines.at(-1)).toMatch(/ TRANSPORT, dpdaction=none$/);
  });

  it("makes pools of what the peer may get", () => {
    const { peer, pools } = build(fields({ "other.sourceip": "10.3.0.0/24,%shared,10.4.0.5-10.4.0.9,%config" }));
    expect(peer.pools).toEqual(["10.3.0.0/24", "shared", "10.4.0.5-10.4.0.9", "net-net"]);
    expect(pools.own).toEqual([
      { name: "10.3.0.0/24", addresses: "10.3.0.0/24" },
      { name: "10.4.0.5-10.4.0.9", addresses: "10.4.0.5-10.4.0.9" },
      { name: "net-net", addresses: "%config" },
    ]);
  });

  it.each([
    ["psk", { auth: "psk" }],
    [null, { auth: "pubkey", constraints: [] }],
    ["pubkey-sha256-sha384", { auth: "pubkey", constraints: ["sha256-sha384"] }],
    ["ecdsa-256-sha256", { auth: "pubkey", constraints: ["ecdsa-256-sha256"] }],
    ["eap", { auth: "eap", eapType: 0, eapVendor: 0 }],
    ["eap-mschapv2", { auth: "eap", eapType: 26 }],
    ["eap-tls:rsa-2048", { auth: "eap", eapType: 13, constraints: ["rsa-2048"] }],
    ["eap-7-12345", { auth: "eap", eapType: 7, eapVendor: 12345 }],
    ["xauth-pam", { auth: "xauth", xauthBackend: "pam" }],
  ])("reads auth %s", (auth, expected) => expect(build(fields({ "other.auth": auth })).peer.remote[0]).toMatchObject(expected));

  it("falls back to any for methods that it does not know, and says so", () => {
    const { peer, lines } = build(fields({ "me.auth": "magic" }));
    expect(peer.local[0].auth).toBe("any");
    expect(lines).toEqual(["CFG1 authentication method magic unknown, fallback to any"]);
  });

  it("refuses an EAP method that has no number", () => {
    expect(() => build(fields({ "me.auth": "eap-magic" }))).toThrow(expect.objectContaining({ code: "CYG_STROKE_EAP" }) as Error);
  });

  it("reads a loose remote identity, and takes the address where there is none", () => {
    expect(build(fields({ "other.id": "%@sun.example.org" })).peer.remote[0]).toMatchObject({
      id: "@sun.example.org",
      idLoose: true,
    });
    expect(build(fields({ "other.id": "%any" })).peer.remote[0]).toMatchObject({ id: undefined, idLoose: false });
    const idOf = (address: string) => build(fields({ "other.id": null, "other.address": address })).peer.remote[0].id;
    expect([idOf("my-gate.example.org"), idOf("%any")]).toEqual(["my-gate.example.org", undefined]);
    const own = (address: string) => build(fields({ "me.id": null, "me.address": address })).peer.local[0].id;
    expect([own("10.9.0.1"), own("10.9.0.0/24"), own("10.9.0.1,10.9.0.2")]).toEqual(["10.9.0.1", undefined, undefined]);
  });

  it("matches any address besides the given one where allowed to", () => {
    expect(build(fields({ "other.allow_any": 1 })).peer.remoteAddresses).toEqual(["10.9.0.2", "0.0.0.0/0", "::/0"]);
  });

  it("says what has no effect yet, in one line per connection", () => {
    expect(build(fields({ crl_policy: 1, "ikeme.mediation": 1, "me.rsakey": "0sAwE" })).lines).toEqual([
      "CFG1 conn 'net-net': no effect in this release: mediation",
    ]);
  });

  it.each([
    ["keyexchange=ikev1", { version: 1 }],
    ["aggressive", { aggressive: 1 }],
    ["modeconfig=push", { pushmode: 1 }],
    ["type=transport_proxy", { mode: 1, proxy_mode: 1 }],
    ["mediation", { "ikeme.mediation": 1 }],
    ["me_peerid", { "ikeme.peerid": "x" }],
    ["leftdns (the resolve plugin asks for DNS servers)", { "me.dns": "10.0.0.1" }],
  ] satisfies [string, Partial<AddConnFields>][])(
    "says that %s has no effect, and nothing of what is left at its default",
    (what, given) => {
      expect(build(fields(given)).lines).toEqual([`CFG1 conn 'net-net': no effect in this release: ${what}`]);
    },
  );

  it("builds something of any request that can be decoded", () => {
    const empty = fieldsOf(encodeStrokeMessage({ type: StrokeMessageType.ADD_CONN }));
    expect(build(empty).peer).toMatchObject({ name: "", localAddresses: ["%any"], children: [{ localTs: ["dynamic[0/0]"] }] });
  });
});

describe("orderEnds", () => {
  const netWith = (...addresses: string[]) =>
    ({ addresses: () => addresses.map((text) => Host.of(text)) }) as unknown as KernelNet;
  const order = async (left: string, right: string, net?: KernelNet) => {
    const log = new Lines();
    const { me, other } = readEnds(fields({ "me.address": left, "other.address": right }));
    const { local } = await orderEnds(me, other, net, log);
    return [local === me ? "left" : "right", ...log.lines];
  };

  it("takes the right end where its address is ours", async () => {
    expect(await order("10.9.0.1", "10.9.0.2", netWith("10.9.0.2"))).toEqual(["right", "CFG2 left is other host, swapping ends"]);
    expect(await order("%any", "fec0::1", netWith("fec0::1"))).toContain("right");
  });

  it("takes the left end where that is ours, or both are", async () => {
    expect(await order("10.9.0.1", "10.9.0.2", netWith("10.9.0.1"))).toEqual(["left"]);
    expect(await order("10.9.0.1", "10.9.0.2", netWith("10.9.0.1", "10.9.0.2"))).toEqual(["left"]);
    expect(await order("127.0.0.1", "127.0.0.2", netWith())).toEqual(["left"]);
  });

  it("assumes left where neither is ours", async () => {
    const line = "CFG1 left nor right host is our side, assuming left=local";
    expect(await order("10.9.0.1", "10.9.0.2", netWith("192.0.2.1"))).toEqual(["left", line]);
    expect(await order("10.9.0.1", "%any", netWith("192.0.2.1"))).toEqual(["left", line]);
    expect(await order("%any", "10.9.0.2", netWith("192.0.2.1"))).toEqual(["left"]);
  });

  it("knows nothing without a kernel-net plugin", async () => {
    expect(await order("10.9.0.1", "10.9.0.2")).toEqual(["left"]);
  });
});

describe("describeRequest", () => {
  it("prints what is set in the words of ipsec.conf", () => {
    const text = describeRequest(captureOf("xa"));
    expect(text.split("\n")).toEqual(
      expect.arrayContaining(["conn xa", "  leftauth2=xauth", "  right=10.9.0.2", "  xauth_identity=alice"]),
    );
    expect(text).not.toContain("null");
  });

  it("ends as strongSwan's does: actions and version where they are set", () => {
    const end = (given: Partial<AddConnFields>) => describeRequest(fields(given)).split("\n  dpdtimeout=150\n")[1];
    const plain = { "dpd.timeout": 150n, "dpd.action": 0, close_action: 0, version: 0 };
    expect(end(plain)).toBe("  sha256_96=no\n  mediation=no");
    expect(end({ ...plain, "dpd.action": 1, close_action: 3, version: 2, sha256_96: true })).toBe(
      "  dpdaction=1\n  closeaction=3\n  sha256_96=yes\n  mediation=no\n  keyexchange=ikev2",
    );
  });
});
