/**
 * The one table of ipsec.conf keywords: section, value type, default, and which field takes the value.
 */

import type { CaConfig, ConnConfig, EndConfig, SetupConfig } from "./starter-config.js";
import type { AutoMode, ConnAction, ConnMode } from "./starter-config.js";
import type { NameDatabase } from "./name-database.js";
import {
  binary,
  bool,
  host,
  mark,
  option,
  percent,
  protoPort,
  seconds,
  text,
  tries,
  uint,
  uint64,
  words,
} from "./value-types.js";
import type { Host, Mark, ValueType } from "./value-types.js";

/** A keyword of a section whose values end up in `T`. */
export interface Keyword<T> {
  /** Name of the value type, for documentation. */
  readonly type: string;
  /** Fields and the values that they have when nothing is configured. */
  readonly initial: Partial<T>;
  /** Reads a value into `target`. Throws BadValue. */
  apply(target: T, value: string, key: string, names: NameDatabase): void;
}

/** Keywords of one section by name. */
export type KeywordTable<T> = Readonly<Record<string, Keyword<T>>>;

/** A keyword that fills one field. */
function field<T>() {
  return <F extends keyof T>(name: F, type: ValueType<T[F]>, initial: T[F]): Keyword<T> => ({
    type: type.name,
    initial: { [name]: initial } as unknown as Partial<T>,
    apply(target, value, key, names) {
      target[name] = type.parse(value, key, names);
    },
  });
}

/** A keyword whose value is spread over several fields. */
function spread<T, V>(type: ValueType<V>, initial: Partial<T>, store: (target: T, value: V) => void): Keyword<T> {
  return { type: type.name, initial, apply: (target, value, key, names) => store(target, type.parse(value, key, names)) };
}

const identity = <W extends string>(...list: readonly W[]): Readonly<Record<string, W>> =>
  Object.fromEntries(list.map((word) => [word, word])) as Record<string, W>;
const auto = words<AutoMode>("ignore|add|route|start", identity("ignore", "add", "route", "start"));
const action = words<ConnAction>("none|clear|hold|restart", identity("none", "clear", "hold", "restart"));

const setup = field<SetupConfig>();
export const SETUP_KEYWORDS: KeywordTable<SetupConfig> = {
  cachecrls: setup("cachecrls", bool, false),
  charondebug: setup("charondebug", text, null),
  strictcrlpolicy: setup("strictcrlpolicy", words("no|yes|ifuri", identity("no", "yes", "ifuri")), "no"),
  uniqueids: setup("uniqueids", words("no|yes|replace|keep|never", identity("no", "yes", "replace", "keep", "never")), "yes"),
};

const ca = field<CaConfig>();
export const CA_KEYWORDS: KeywordTable<CaConfig> = {
  auto: ca("auto", auto, "ignore"),
  cacert: ca("cacert", text, null),
  crluri: ca("crluri", text, null),
  crluri1: ca("crluri", text, null),
  crluri2: ca("crluri2", text, null),
  ocspuri: ca("ocspuri", text, null),
  ocspuri1: ca("ocspuri", text, null),
  ocspuri2: ca("ocspuri2", text, null),
  certuribase: ca("certuribase", text, null),
};

const MODES: Readonly<Record<string, readonly [ConnMode, boolean]>> = {
  tunnel: ["tunnel", false],
  transport: ["transport", false],
  transport_proxy: ["transport", true],
  beet: ["beet", false],
  passthrough: ["pass", false],
  pass: ["pass", false],
  drop: ["drop", false],
  reject: ["drop", false],
};
const PSK = { method: "psk", xauth: false } as const;
const PUBKEY = { method: "pubkey", xauth: false } as const;
const AUTH_BY = {
  psk: PSK,
  secret: PSK,
  pubkey: PUBKEY,
  rsa: PUBKEY,
  rsasig: PUBKEY,
  ecdsa: PUBKEY,
  ecdsasig: PUBKEY,
  xauthpsk: { method: "psk", xauth: true },
  xauthrsasig: { method: "pubkey", xauth: true },
  never: { method: "none", xauth: false },
} as const;
const NO_MARK = { value: 0, mask: 0 };

const conn = field<ConnConfig>();
/** Keywords of a conn that belong to no end. */
export const CONN_KEYWORDS: KeywordTable<ConnConfig> = {
  auto: conn("auto", auto, "ignore"),
  aaa_identity: conn("aaaIdentity", text, null),
  eap_identity: conn("eapIdentity", text, null),
  xauth_identity: conn("xauthIdentity", text, null),
  aggressive: conn("aggressive", bool, false),
  ah: conn("ah", text, null),
  esp: conn("esp", text, null),
  ike: conn("ike", text, null),
  authby: conn("authBy", words(Object.keys(AUTH_BY).join("|"), AUTH_BY), null),
  closeaction: conn("closeAction", action, "none"),
  compress: conn("compress", option, false),
  dpdaction: conn("dpdAction", action, "none"),
  dpddelay: conn("dpdDelay", seconds, 30),
  dpdtimeout: conn("dpdTimeout", seconds, 150),
  forceencaps: conn("forceEncaps", option, false),
  fragmentation: conn("fragmentation", words("no|accept|yes|force", identity("no", "accept", "yes", "force")), "yes"),
  ikedscp: conn("ikeDscp", binary, 0),
  ikelifetime: conn("ikeLifetime", seconds, 10800),
  inactivity: conn("inactivity", seconds, 0),
  installpolicy: conn("installPolicy", bool, true),
  keyexchange: conn("keyExchange", words("ike|ikev1|ikev2", identity("ike", "ikev1", "ikev2")), "ike"),
  keyingtries: conn("keyingTries", tries, 3n),
  lifebytes: conn("lifeBytes", uint64, 0n),
  lifepackets: conn("lifePackets", uint64, 0n),
  lifetime: conn("lifetime", seconds, 3600),
  keylife: conn("lifetime", seconds, 3600),
  marginbytes: conn("marginBytes", uint64, 0n),
  marginpackets: conn("marginPackets", uint64, 0n),
  margintime: conn("marginTime", seconds, 540),
  rekeymargin: conn("marginTime", seconds, 540),
  mark: spread<ConnConfig, Mark>(mark, {}, (target, value) => {
    target.markIn = value;
    target.markOut = value;
  }),
  mark_in: conn("markIn", mark, NO_MARK),
  mark_out: conn("markOut", mark, NO_MARK),
  mediation: conn("mediation", bool, false),
  mediated_by: conn("mediatedBy", text, null),
  me_peerid: conn("mePeerId", text, null),
  mobike: conn("mobike", option, true),
  modeconfig: conn("pushMode", words("pull|push", { pull: false, push: true }, "option value", false), false),
  reauth: conn("reauth", option, true),
  rekey: conn("rekey", option, true),
  rekeyfuzz: conn("rekeyFuzz", percent, 100n),
  replay_window: conn("replayWindow", uint(32), 0xffffffff),
  reqid: conn("reqid", uint(32), 0),
  sha256_96: conn("sha256_96", bool, false),
  tfc: conn("tfc", uint(32, { "%mtu": 0xffffffff }), 0),
  type: spread<ConnConfig, readonly [ConnMode, boolean]>(
    words("tunnel|transport|transport_proxy|beet|passthrough|pass|drop|reject", MODES, "policy value", false),
    { mode: "tunnel", proxyMode: false },
    (target, [mode, proxy]) => {
      target.mode = mode;
      target.proxyMode = proxy;
    },
  ),
  xauth: conn("xauthServer", words("client|server", { client: false, server: true }, "option value", false), false),
};

const end = field<EndConfig>();
/** Keywords that exist for each end; their names follow `left` or `right`, the empty name is the address. */
export const END_KEYWORDS: KeywordTable<EndConfig> = {
  "": spread<EndConfig, Host>(host, { address: "%any" }, (target, value) => {
    target.address = value.address;
    if (value.allowAny === true) target.allowAny = true;
  }),
  allowany: end("allowAny", bool, false),
  auth: end("auth", text, null),
  auth2: end("auth2", text, null),
  ca: end("ca", text, null),
  ca2: end("ca2", text, null),
  cert: end("cert", text, null),
  cert2: end("cert2", text, null),
  certpolicy: end("certPolicy", text, null),
  dns: end("dns", text, null),
  firewall: end("firewall", bool, false),
  groups: end("groups", text, null),
  groups2: end("groups2", text, null),
  hostaccess: end("hostAccess", bool, false),
  id: end("id", text, null),
  id2: end("id2", text, null),
  ikeport: end("ikePort", uint(16), 500),
  protoport: end("protoPort", protoPort, { protocol: 0, fromPort: 0, toPort: 65535 }),
  rsasigkey: end("rsakey", text, null),
  sigkey: end("rsakey", text, null),
  sendcert: end(
    "sendCert",
    words("always|ifasked|never|yes|no", {
      always: "always",
      ifasked: "ifasked",
      never: "never",
      yes: "always",
      no: "never",
    }),
    "ifasked",
  ),
  sourceip: end("sourceip", text, null),
  subnet: end("subnets", text, null),
  subnetwithin: end("subnets", text, null),
  updown: end("updown", text, null),
};

const PFS_HINT = "  PFS is enabled by specifying a DH group in the 'esp' cipher suite";
const PKCS11_HINT = "  use the 'pkcs11' plugin instead";
const without = (hint: string | null, ...names: readonly string[]): Record<string, string | null> =>
  Object.fromEntries(names.map((name) => [name, hint]));

/** Keywords of earlier releases, by section, each with a second log line or `null`. They are told and ignored. */
export const REMOVED_KEYWORDS: Readonly<Record<"setup" | "conn" | "ca", Readonly<Record<string, string | null>>>> = {
  setup: {
    ...without(null, "interfaces", "dumpdir", "charonstart", "plutostart", "klipsdebug", "plutodebug", "prepluto", "postpluto"),
    ...without(null, "plutostderrlog", "fragicmp", "packetdefault", "hidetos", "overridemtu", "crlcheckinterval", "nocrsend"),
    ...without(null, "nat_traversal", "keep_alive", "force_keepalive", "virtual_private"),
    ...without(PKCS11_HINT, "pkcs11module", "pkcs11initargs", "pkcs11keepstate", "pkcs11proxy"),
  },
  conn: { ...without(PFS_HINT, "pfs", "pfsgroup"), ...without(null, "eap", "leftnexthop", "rightnexthop") },
  ca: without(null, "ldaphost", "ldapbase"),
};

/** A fresh value of a section's type with all defaults of its table. */
export function defaultsOf<T>(table: KeywordTable<T>): Partial<T> {
  return Object.assign({}, ...Object.values(table).map((keyword) => keyword.initial)) as Partial<T>;
}

/** Splits `leftid` into the end and the end's keyword; `undefined` for other names. */
export function endKeyword(key: string): { readonly end: "left" | "right"; readonly keyword: Keyword<EndConfig> } | undefined {
  const match = /^(left|right)(.*)$/s.exec(key);
  if (match === null || !Object.hasOwn(END_KEYWORDS, match[2])) return undefined;
  return { end: match[1] as "left" | "right", keyword: END_KEYWORDS[match[2]] };
}

/** Whether any section knows this keyword; others are typing errors. */
export function isKnownKeyword(key: string): boolean {
  const tables: readonly object[] = [SETUP_KEYWORDS, CONN_KEYWORDS, CA_KEYWORDS, ...Object.values(REMOVED_KEYWORDS)];
  return key === "also" || endKeyword(key) !== undefined || tables.some((table) => Object.hasOwn(table, key));
}
