/**
 * The typed configuration: what ipsec.conf means once defaults, inheritance and value types are applied.
 */

import type { Mark, ProtoPort } from "./value-types.js";

export type { Mark, ProtoPort } from "./value-types.js";

/** What happens to a section at start: nothing, made known, trapped, or initiated. */
export type AutoMode = "ignore" | "add" | "route" | "start";
/** Numbers as in the control protocol: no, yes, or only where the certificate names a distribution point. */
export type StrictCrlPolicy = "no" | "yes" | "ifuri";
export type UniqueIds = "no" | "yes" | "replace" | "keep" | "never";
export type KeyExchange = "ike" | "ikev1" | "ikev2";
export type ConnMode = "transport" | "tunnel" | "beet" | "pass" | "drop";
/** What to do when a peer is dead or has closed a CHILD_SA. */
export type ConnAction = "none" | "clear" | "hold" | "restart";
export type Fragmentation = "no" | "accept" | "yes" | "force";
export type SendCert = "always" | "ifasked" | "never";

/** `config setup`. */
export interface SetupConfig {
  cachecrls: boolean;
  /** As written: `group level, group level`. */
  charondebug: string | null;
  strictcrlpolicy: StrictCrlPolicy;
  uniqueids: UniqueIds;
}

/** One end of a connection; `left` is this host until the daemon finds that `right` is. Texts are as written, `null` if not set. */
export interface EndConfig {
  auth: string | null;
  auth2: string | null;
  id: string | null;
  id2: string | null;
  rsakey: string | null;
  cert: string | null;
  cert2: string | null;
  certPolicy: string | null;
  ca: string | null;
  ca2: string | null;
  groups: string | null;
  groups2: string | null;
  updown: string | null;
  /** Comma separated hosts, subnets and ranges; `%any` by default. */
  address: string;
  /** Accept any other address as well. */
  allowAny: boolean;
  ikePort: number;
  subnets: string | null;
  sourceip: string | null;
  dns: string | null;
  sendCert: SendCert;
  hostAccess: boolean;
  /** Use the stock updown script; excludes `updown`. */
  firewall: boolean;
  protoPort: ProtoPort;
}

/** What `authby` stands for; `null` if it is not set. `none` (never) asks for no authentication. */
export interface AuthBy {
  readonly method: "psk" | "pubkey" | "none";
  readonly xauth: boolean;
}

/** One `conn`. Times are in seconds, limits in bytes and packets, 0 is no limit. */
export interface ConnConfig {
  name: string;
  /** Where the section stands. */
  file: string;
  line: number;
  auto: AutoMode;
  left: EndConfig;
  right: EndConfig;
  keyExchange: KeyExchange;
  mode: ConnMode;
  /** Transport mode on behalf of other addresses (type=transport_proxy). */
  proxyMode: boolean;
  authBy: AuthBy | null;
  xauthServer: boolean;
  eapIdentity: string | null;
  aaaIdentity: string | null;
  xauthIdentity: string | null;
  aggressive: boolean;
  pushMode: boolean;
  mobike: boolean;
  forceEncaps: boolean;
  fragmentation: Fragmentation;
  compress: boolean;
  installPolicy: boolean;
  sha256_96: boolean;
  reauth: boolean;
  rekey: boolean;
  ike: string | null;
  esp: string | null;
  ah: string | null;
  ikeLifetime: number;
  lifetime: number;
  marginTime: number;
  lifeBytes: bigint;
  marginBytes: bigint;
  lifePackets: bigint;
  marginPackets: bigint;
  /** Percent by which the margins are stretched at random. */
  rekeyFuzz: bigint;
  /** 0 is for ever. */
  keyingTries: bigint;
  inactivity: number;
  dpdAction: ConnAction;
  dpdDelay: number;
  dpdTimeout: number;
  closeAction: ConnAction;
  markIn: Mark;
  markOut: Mark;
  reqid: number;
  /** Bytes to pad to; 0xffffffff is up to the path MTU. */
  tfc: number;
  /** 0xffffffff is the daemon's setting. */
  replayWindow: number;
  ikeDscp: number;
  mediation: boolean;
  mediatedBy: string | null;
  mePeerId: string | null;
}

/** One `ca`. */
export interface CaConfig {
  name: string;
  file: string;
  line: number;
  /** Anything but `ignore` makes it known. */
  auto: AutoMode;
  cacert: string | null;
  crluri: string | null;
  crluri2: string | null;
  ocspuri: string | null;
  ocspuri2: string | null;
  certuribase: string | null;
}

/** A whole ipsec.conf; sections with bad values are not in it. */
export interface StarterConfig {
  readonly setup: SetupConfig;
  readonly conns: readonly ConnConfig[];
  readonly cas: readonly CaConfig[];
}
