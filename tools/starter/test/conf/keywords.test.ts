import { describe, expect, it } from "vitest";
import { defaultConn } from "../../src/conf/interpret.js";
import { CA_KEYWORDS, CONN_KEYWORDS, END_KEYWORDS, REMOVED_KEYWORDS, SETUP_KEYWORDS } from "../../src/conf/keywords.js";
import type { ConnConfig } from "../../src/conf/starter-config.js";
import { load } from "../helpers.js";

const conn = (settings: string): ConnConfig => {
  const loaded = load(`conn c\n${settings.replace(/^/gm, " ")}\n`);
  expect(loaded.messages).toEqual([]);
  return loaded.config.conns[0];
};

/** Every keyword of a conn: a value that is not the default, what it changes, and a value that it refuses (null: it takes any text). */
const CONN: readonly [string, string, Partial<ConnConfig>, string | null][] = [
  ["auto", "route", { auto: "route" }, "trap"],
  ["aaa_identity", "x", { aaaIdentity: "x" }, null],
  ["eap_identity", "%identity", { eapIdentity: "%identity" }, null],
  ["xauth_identity", "x", { xauthIdentity: "x" }, null],
  ["aggressive", "yes", { aggressive: true }, "true"],
  ["ah", "sha1", { ah: "sha1" }, null],
  ["esp", "aes!", { esp: "aes!" }, null],
  ["ike", "aes", { ike: "aes" }, null],
  ["authby", "xauthrsasig", { authBy: { method: "pubkey", xauth: true } }, "eap"],
  ["closeaction", "hold", { closeAction: "hold" }, "trap"],
  ["compress", "yes", { compress: true }, "1"],
  ["dpdaction", "restart", { dpdAction: "restart" }, "start"],
  ["dpddelay", "2m", { dpdDelay: 120 }, "2x"],
  ["dpdtimeout", "1h", { dpdTimeout: 3600 }, "1 h"],
  ["forceencaps", "yes", { forceEncaps: true }, "x"],
  ["fragmentation", "force", { fragmentation: "force" }, "x"],
  ["ikedscp", "101010", { ikeDscp: 42 }, "102"],
  ["ikelifetime", "1d", { ikeLifetime: 86400 }, "x"],
  ["inactivity", "5", { inactivity: 5 }, "x"],
  ["installpolicy", "no", { installPolicy: false }, "x"],
  ["keyexchange", "ikev1", { keyExchange: "ikev1" }, "ikev3"],
  ["keyingtries", "%forever", { keyingTries: 0n }, "x"],
  ["lifebytes", "18446744073709551615", { lifeBytes: 18446744073709551615n }, "5k"],
  ["lifepackets", "5", { lifePackets: 5n }, "x"],
  ["lifetime", "20m", { lifetime: 1200 }, "x"],
  ["keylife", "20m", { lifetime: 1200 }, "x"],
  ["marginbytes", "5", { marginBytes: 5n }, "x"],
  ["marginpackets", "5", { marginPackets: 5n }, "x"],
  ["margintime", "3m", { marginTime: 180 }, "x"],
  ["rekeymargin", "3m", { marginTime: 180 }, "x"],
  ["mark", "0x1ff/0xff", { markIn: { value: 0xff, mask: 0xff }, markOut: { value: 0xff, mask: 0xff } }, "x"],
  ["mark_in", "%unique", { markIn: { value: 0xffffffff, mask: 0xffffffff } }, "1/x"],
  ["mark_out", "%unique-dir/010", { markOut: { value: 0xfffffffe, mask: 8 } }, "%foo"],
  ["mediation", "yes", { mediation: true }, "x"],
  ["mediated_by", "x", { mediatedBy: "x" }, null],
  ["me_peerid", "x", { mePeerId: "x" }, null],
  ["mobike", "no", { mobike: false }, "x"],
  ["modeconfig", "push", { pushMode: true }, "x"],
  ["reauth", "no", { reauth: false }, "x"],
  ["rekey", "no", { rekey: false }, "x"],
  ["rekeyfuzz", "50%", { rekeyFuzz: 50n }, "50"],
  ["replay_window", "64", { replayWindow: 64 }, "x"],
  ["reqid", "7", { reqid: 7 }, "0x7"],
  ["sha256_96", "yes", { sha256_96: true }, "x"],
  ["tfc", "%mtu", { tfc: 0xffffffff }, "x"],
  ["type", "transport_proxy", { mode: "transport", proxyMode: true }, "x"],
  ["xauth", "server", { xauthServer: true }, "x"],
];

/** Every keyword of an end, without its side. */
const END: readonly [string, string, Partial<ConnConfig["left"]>, string | null][] = [
  ["", "%gw", { address: "gw", allowAny: true }, null],
  ["allowany", "yes", { allowAny: true }, "x"],
  ["auth", "psk", { auth: "psk" }, null],
  ["auth2", "xauth", { auth2: "xauth" }, null],
  ["ca", "%same", { ca: "%same" }, null],
  ["ca2", "C=CH", { ca2: "C=CH" }, null],
  ["cert", "a.pem", { cert: "a.pem" }, null],
  ["cert2", "a.pem", { cert2: "a.pem" }, null],
  ["certpolicy", "1.2.3", { certPolicy: "1.2.3" }, null],
  ["dns", "::1", { dns: "::1" }, null],
  ["firewall", "yes", { firewall: true }, "x"],
  ["groups", "a", { groups: "a" }, null],
  ["groups2", "a", { groups2: "a" }, null],
  ["hostaccess", "yes", { hostAccess: true }, "x"],
  ["id", "@x", { id: "@x" }, null],
  ["id2", "@x", { id2: "@x" }, null],
  ["ikeport", "501", { ikePort: 501 }, "x"],
  ["protoport", "udp/1000-2000", { protoPort: { protocol: 17, fromPort: 1000, toPort: 2000 } }, "tcp/x"],
  ["rsasigkey", "0sAQ", { rsakey: "0sAQ" }, null],
  ["sigkey", "0sAQ", { rsakey: "0sAQ" }, null],
  ["sendcert", "no", { sendCert: "never" }, "x"],
  ["sourceip", "%config", { sourceip: "%config" }, null],
  ["subnet", "10.0.0.0/8", { subnets: "10.0.0.0/8" }, null],
  ["subnetwithin", "10.0.0.0/8", { subnets: "10.0.0.0/8" }, null],
  ["updown", "/bin/true", { updown: "/bin/true" }, null],
];
const quoted = (value: string): string => (value.includes("=") ? `"${value}"` : value);

describe("the keyword table", () => {
  it("is covered by these tests", () => {
    expect(CONN.map(([key]) => key).toSorted()).toEqual(Object.keys(CONN_KEYWORDS).toSorted());
    expect(END.map(([key]) => key).toSorted()).toEqual(Object.keys(END_KEYWORDS).toSorted());
  });

  it("has the documented defaults", () => {
    expect(conn("")).toEqual({ ...defaultConn("c", "/etc/ipsec.conf", 1) });
    expect(conn("")).toMatchObject({
      ...{ auto: "ignore", keyExchange: "ike", mode: "tunnel", authBy: null, dpdAction: "none", dpdDelay: 30, dpdTimeout: 150 },
      ...{ ikeLifetime: 10800, lifetime: 3600, marginTime: 540, rekeyFuzz: 100n, keyingTries: 3n, replayWindow: 0xffffffff },
      ...{ mobike: true, reauth: true, rekey: true, installPolicy: true, fragmentation: "yes", ikeDscp: 0, tfc: 0 },
      left: {
        address: "%any",
        ikePort: 500,
        sendCert: "ifasked",
        subnets: null,
        protoPort: { protocol: 0, fromPort: 0, toPort: 65535 },
      },
    });
  });

  it.each(CONN)("%s=%s sets its field and nothing else", (key, value, changes) => {
    expect(conn(`${key}=${value}`)).toEqual({ ...conn(""), ...changes });
  });

  it.each(CONN.filter(([, , , refused]) => refused !== null))(
    "%s refuses what it does not know and the conn is dropped",
    (key, _value, _changes, refused) => {
      const loaded = load(`conn c\n ${key}=${refused}\nconn other\n`);
      expect(loaded.config.conns.map((c) => c.name)).toEqual(["other"]);
      expect(loaded.errors).toBe(1);
      expect(loaded.messages[0]).toMatchObject({ line: 2, level: "error" });
      expect(loaded.messages.map((m) => m.text)).toContain("# ignored conn 'c' due to 1 parsing error");
    },
  );

  for (const side of ["left", "right"] as const) {
    it.each(END)(`${side}%s=%s sets its field of that end and nothing else`, (key, value, changes) => {
      const plain = conn("");
      expect(conn(`${side}${key}=${quoted(value)}`)).toEqual({ ...plain, [side]: { ...plain[side], ...changes } });
    });
    it.each(END.filter(([, , , refused]) => refused !== null))(
      `${side}%s refuses what it does not know`,
      (key, _value, _changes, refused) => {
        expect(load(`conn c\n ${side}${key}=${refused}\n`)).toMatchObject({ errors: 1, fatal: 0, config: { conns: [] } });
      },
    );
  }

  it("clears an inherited value with an empty one", () => {
    for (const [key, value] of CONN) {
      const { config } = load(`conn %default\n ${key}=${value}\nconn c\n ${key}=\n`);
      expect(config.conns[0]).toEqual({ ...defaultConn("c"), file: "/etc/ipsec.conf", line: 3 });
    }
  });

  it("reads config setup and ca sections", () => {
    const setup = "config setup\n cachecrls=yes\n charondebug=ike 2\n strictcrlpolicy=ifuri\n uniqueids=keep\n";
    const ca = "ca x\n auto=start\n cacert=a\n crluri1=b\n crluri2=c\n ocspuri1=d\n ocspuri2=e\n certuribase=f\n";
    expect(load(setup + ca).config).toMatchObject({
      setup: { cachecrls: true, charondebug: "ike 2", strictcrlpolicy: "ifuri", uniqueids: "keep" },
      cas: [{ name: "x", auto: "start", cacert: "a", crluri: "b", crluri2: "c", ocspuri: "d", ocspuri2: "e", certuribase: "f" }],
    });
    expect(load("ca y\n crluri=b\n ocspuri=d\n").config.cas[0]).toMatchObject({
      auto: "ignore",
      crluri: "b",
      ocspuri: "d",
      cacert: null,
    });
    expect(load("").config.setup).toEqual({ cachecrls: false, charondebug: null, strictcrlpolicy: "no", uniqueids: "yes" });
  });

  it.each(
    Object.entries(REMOVED_KEYWORDS).flatMap(([kind, keys]) =>
      Object.entries(keys).map(([key, hint]) => [kind, key, hint] as const),
    ),
  )("tells in %s that %s is gone and goes on", (kind, key, hint) => {
    const header = kind === "setup" ? "config setup" : `${kind} x`;
    const title = kind === "setup" ? "config setup" : `${kind} 'x'`;
    const loaded = load(`${header}\n ${key}=1\n`);
    expect(loaded).toMatchObject({ errors: 1, fatal: 0 });
    expect(loaded.messages.map((m) => m.text)).toEqual([
      `# deprecated keyword '${key}' in ${title}`,
      ...(hint === null ? [] : [hint]),
      "### 1 parsing error (0 fatal) ###",
    ]);
  });

  it("refuses keywords in a foreign section", () => {
    for (const key of Object.keys(CA_KEYWORDS).filter((k) => k !== "auto")) {
      expect(load(`conn c\n ${key}=1\n`).messages[0].text).toBe(`# unsupported keyword '${key}' in conn 'c'`);
    }
    for (const key of Object.keys(SETUP_KEYWORDS))
      expect(load(`ca c\n ${key}=1\n`).messages[0].text).toBe(`# unsupported keyword '${key}' in ca 'c'`);
    for (const key of ["left", "rightid", "type", "cacert"])
      expect(load(`config setup\n ${key}=1\n`)).toMatchObject({ fatal: 1 });
  });
});
