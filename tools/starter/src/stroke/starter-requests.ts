/**
 * The stroke requests that load a configuration, as strongSwan's starter sends them, byte for byte.
 */

import { encodeStrokeMessage, StrokeMessageType } from "@cygnet/plugin-stroke/abi";
import type { StrokeFields } from "@cygnet/plugin-stroke/abi";
import type { AuthBy, CaConfig, ConnConfig, EndConfig, SetupConfig, StarterConfig } from "../conf/starter-config.js";

/** Verbosity of starter's requests: negative, so that the daemon does not make it wait for an exchange. */
const QUIET = -1;

const VERSION = { ike: 0, ikev1: 1, ikev2: 2 } as const;
const MODE = { transport: 1, tunnel: 2, beet: 3, pass: 4, drop: 5 } as const;
const ACTION = { none: 0, clear: 1, hold: 2, restart: 3 } as const;
const FRAGMENTATION = { no: 0, accept: 1, yes: 2, force: 3 } as const;
const CRL_POLICY = { no: 0, yes: 1, ifuri: 2 } as const;
const UNIQUE = { no: 0, yes: 1, replace: 2, keep: 3, never: 4 } as const;
const SEND_CERT = { always: 0, ifasked: 1, never: 2 } as const;
/** strongSwan sends the bit of its option set where others send 1; servers test for non-zero. */
const COMPRESS_BIT = 2;
const PUSH_BIT = 16;
const MOBIKE_BIT = 64;
const FORCE_ENCAPS_BIT = 128;

const STOCK_UPDOWN = "ipsec _updown iptables";

/** Everything that a daemon which knows nothing yet has to be told: settings, authorities, connections, and which to trap or start. */
export function loadRequests(config: StarterConfig): Uint8Array[] {
  const requests = config.setup.cachecrls ? [configRequest(config.setup)] : [];
  for (const ca of config.cas) if (ca.auto !== "ignore") requests.push(addCaRequest(ca));
  for (const conn of config.conns) requests.push(...addConnRequests(conn, config.setup));
  return requests;
}

/** CONFIG: whether the daemon keeps fetched CRLs on disk. */
function configRequest(setup: SetupConfig): Uint8Array {
  return encodeStrokeMessage({
    type: StrokeMessageType.CONFIG,
    outputVerbosity: QUIET,
    fields: { cachecrl: Number(setup.cachecrls) },
  });
}

/** ADD_CA. */
export function addCaRequest(ca: CaConfig): Uint8Array {
  const { name, cacert, crluri, crluri2, ocspuri, ocspuri2, certuribase } = ca;
  return encodeStrokeMessage({
    type: StrokeMessageType.ADD_CA,
    outputVerbosity: QUIET,
    fields: { name, cacert, crluri, crluri2, ocspuri, ocspuri2, certuribase },
  });
}

/** DEL_CA. */
export function delCaRequest(name: string): Uint8Array {
  return encodeStrokeMessage({ type: StrokeMessageType.DEL_CA, outputVerbosity: QUIET, fields: { name } });
}

/** ADD_CONN, and INITIATE or ROUTE as `auto` says; nothing for auto=ignore. */
export function addConnRequests(conn: ConnConfig, setup: SetupConfig): Uint8Array[] {
  if (conn.auto === "ignore") return [];
  const requests = [addConnRequest(conn, setup)];
  const { name } = conn;
  if (conn.auto === "start") {
    requests.push(encodeStrokeMessage({ type: StrokeMessageType.INITIATE, outputVerbosity: QUIET, fields: { name } }));
  } else if (conn.auto === "route") {
    requests.push(encodeStrokeMessage({ type: StrokeMessageType.ROUTE, outputVerbosity: QUIET, fields: { name } }));
  }
  return requests;
}

/** UNROUTE if it was trapped, and DEL_CONN; nothing for auto=ignore. Established SAs stay. */
export function delConnRequests(conn: ConnConfig): Uint8Array[] {
  if (conn.auto === "ignore") return [];
  const { name } = conn;
  const requests: Uint8Array[] = [];
  if (conn.auto === "route") {
    requests.push(encodeStrokeMessage({ type: StrokeMessageType.UNROUTE, outputVerbosity: QUIET, fields: { name } }));
  }
  requests.push(encodeStrokeMessage({ type: StrokeMessageType.DEL_CONN, outputVerbosity: QUIET, fields: { name } }));
  return requests;
}

/**
 * ADD_CONN alone. The certificate and uniqueness policies of `config setup` travel in every connection.
 *
 * @throws {StrokeMessageError} CYG_STROKE_TOO_LONG if the texts of the connection exceed a message
 */
export function addConnRequest(conn: ConnConfig, setup: SetupConfig): Uint8Array {
  const auth = derivedAuth(conn);
  const fields: Partial<StrokeFields<StrokeMessageType.ADD_CONN>> = {
    name: conn.name,
    version: VERSION[conn.keyExchange],
    eap_identity: conn.eapIdentity,
    aaa_identity: conn.aaaIdentity,
    xauth_identity: conn.xauthIdentity,
    mode: MODE[conn.mode],
    mobike: conn.mobike ? MOBIKE_BIT : 0,
    aggressive: Number(conn.aggressive),
    pushmode: conn.pushMode ? PUSH_BIT : 0,
    force_encap: conn.forceEncaps ? FORCE_ENCAPS_BIT : 0,
    fragmentation: FRAGMENTATION[conn.fragmentation],
    ipcomp: conn.compress ? COMPRESS_BIT : 0,
    inactivity: BigInt(conn.inactivity),
    proxy_mode: Number(conn.proxyMode),
    install_policy: Number(conn.installPolicy),
    close_action: ACTION[conn.closeAction],
    reqid: conn.reqid,
    tfc: conn.tfc,
    ikedscp: conn.ikeDscp,
    crl_policy: CRL_POLICY[setup.strictcrlpolicy],
    unique: UNIQUE[setup.uniqueids],
    "algorithms.ike": conn.ike,
    "algorithms.esp": conn.esp,
    "algorithms.ah": conn.ah,
    ...rekeyFields(conn),
    "dpd.delay": BigInt(conn.dpdDelay),
    "dpd.timeout": BigInt(conn.dpdTimeout),
    "dpd.action": ACTION[conn.dpdAction],
    "ikeme.mediation": Number(conn.mediation),
    "ikeme.mediated_by": conn.mediatedBy,
    "ikeme.peerid": conn.mePeerId,
    "mark_in.value": conn.markIn.value,
    "mark_in.mask": conn.markIn.mask,
    "mark_out.value": conn.markOut.value,
    "mark_out.mask": conn.markOut.mask,
    ...endFields("me", conn.left),
    ...endFields("other", conn.right),
    replay_window: conn.replayWindow,
    sha256_96: conn.sha256_96,
    ...auth,
  };
  // Derived methods are set last by starter, which shows in the order of the strings.
  return encodeStrokeMessage({ type: StrokeMessageType.ADD_CONN, outputVerbosity: QUIET, fields }, { last: Object.keys(auth) });
}

function rekeyFields(conn: ConnConfig): Partial<StrokeFields<StrokeMessageType.ADD_CONN>> {
  const tries = { "rekey.tries": conn.keyingTries };
  if (!conn.rekey) return tries;
  return {
    ...tries,
    "rekey.reauth": Number(conn.reauth),
    "rekey.ipsec_lifetime": BigInt(conn.lifetime),
    "rekey.ike_lifetime": BigInt(conn.ikeLifetime),
    "rekey.margin": BigInt(conn.marginTime),
    "rekey.life_bytes": conn.lifeBytes,
    "rekey.margin_bytes": conn.marginBytes,
    "rekey.life_packets": conn.lifePackets,
    "rekey.margin_packets": conn.marginPackets,
    "rekey.fuzz": conn.rekeyFuzz,
  };
}

/** Methods that `authby` stands for; it counts only where neither end names its own. */
function derivedAuth(conn: ConnConfig): Record<string, string> {
  const authBy: AuthBy | null = conn.left.auth === null && conn.right.auth === null ? conn.authBy : null;
  if (authBy === null || authBy.method === "none") return {};
  const auth: Record<string, string> = { "me.auth": authBy.method, "other.auth": authBy.method };
  if (authBy.xauth) auth[conn.xauthServer ? "other.auth2" : "me.auth2"] = "xauth";
  return auth;
}

function endFields(prefix: "me" | "other", end: EndConfig): Record<string, string | number | null> {
  return {
    [`${prefix}.auth`]: end.auth,
    [`${prefix}.auth2`]: end.auth2,
    [`${prefix}.id`]: end.id,
    [`${prefix}.id2`]: end.id2,
    [`${prefix}.rsakey`]: end.rsakey,
    [`${prefix}.cert`]: end.cert,
    [`${prefix}.cert2`]: end.cert2,
    [`${prefix}.cert_policy`]: end.certPolicy,
    [`${prefix}.ca`]: end.ca,
    [`${prefix}.ca2`]: end.ca2,
    [`${prefix}.groups`]: end.groups,
    [`${prefix}.groups2`]: end.groups2,
    [`${prefix}.updown`]: end.firewall ? STOCK_UPDOWN : end.updown,
    [`${prefix}.address`]: end.address,
    [`${prefix}.ikeport`]: end.ikePort,
    [`${prefix}.subnets`]: end.subnets,
    [`${prefix}.sourceip`]: end.sourceip,
    [`${prefix}.dns`]: end.dns,
    [`${prefix}.sendcert`]: SEND_CERT[end.sendCert],
    [`${prefix}.hostaccess`]: Number(end.hostAccess),
    [`${prefix}.tohost`]: Number(end.subnets === null),
    [`${prefix}.allow_any`]: Number(end.allowAny),
    [`${prefix}.protocol`]: end.protoPort.protocol,
    [`${prefix}.from_port`]: end.protoPort.fromPort,
    [`${prefix}.to_port`]: end.protoPort.toPort,
  };
}
