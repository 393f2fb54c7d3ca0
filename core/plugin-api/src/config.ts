import type { IpsecMode } from "./kernel.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/**
 * Connection definitions as plain data: what a backend (stroke, vici, a database) hands to the core. Texts are in strongSwan's notations;
 * the core parses them once, when the definition is added, and refuses the whole definition with a `DefinitionError` that names the field.
 * Plain data, because it crosses from the control thread to the shards.
 */
export interface PeerDefinition {
  readonly name: string;
  /** 1, 2, or 0 for both: IKEv2 as initiator, either as responder. */
  readonly version: 0 | 1 | 2;
  /** Addresses, subnets (`10.0.0.0/8`), ranges or host names; `%any` for all. First one that is an address is used to initiate. */
  readonly localAddresses: readonly string[];
  readonly remoteAddresses: readonly string[];
  /** 500 stands for the daemon's own port. */
  readonly localPort: number;
  readonly remotePort: number;
  /** Proposal strings in order of preference, `default` for the built-in ones. */
  readonly proposals: readonly string[];
  readonly local: readonly AuthRound[];
  readonly remote: readonly AuthRound[];
  readonly unique: "no" | "never" | "keep" | "replace";
  /** Attempts to set up the IKE_SA, 0 for ever. */
  readonly keyingTries: number;
  /** Seconds; 0 for never. `jitter` is the upper bound of a random reduction, `over` the time from rekeying to the hard limit. */
  readonly reauthTime: number;
  readonly rekeyTime: number;
  readonly jitterTime: number;
  readonly overTime: number;
  /** Seconds between liveness checks of a silent peer, 0 for none. `dpdTimeout` is for IKEv1. */
  readonly dpdDelay: number;
  readonly dpdTimeout: number;
  readonly mobike: boolean;
  readonly aggressive: boolean;
  /** Mode config direction: false is pull. */
  readonly push: boolean;
  readonly forceEncap: boolean;
  readonly fragmentation: "no" | "accept" | "yes" | "force";
  readonly childless: "never" | "allow" | "prefer" | "force";
  readonly sendCertificates: "always" | "ifasked" | "never";
  readonly sendCertRequest: boolean;
  /** 6 bit DSCP of our IKE packets. */
  readonly dscp: number;
  /** Virtual IPs we ask for as initiator: `0.0.0.0` and `::` ask for any address of that family. */
  readonly virtualIps: readonly string[];
  /** Names of pools that we serve virtual IPs and attributes from. */
  readonly pools: readonly string[];
  readonly children: readonly ChildDefinition[];
}

/** One authentication round of one side. */
export interface AuthRound {
  readonly auth: "psk" | "pubkey" | "eap" | "xauth" | "any";
  /** Identity in strongSwan's notation; undefined for any (remote) or the local address (local). */
  readonly id: string | undefined;
  /** The remote identity is matched loosely and not sent as IDr (`%` prefix of ipsec.conf's rightid). */
  readonly idLoose: boolean;
  /** EAP type number and vendor, or XAuth backend name, where `auth` is one of them. */
  readonly eapType: number;
  readonly eapVendor: number;
  readonly xauthBackend: string | undefined;
  readonly eapIdentity: string | undefined;
  readonly aaaIdentity: string | undefined;
  /**
   * Fingerprints of loaded certificates and raw public keys (`CertificateInfo.fingerprint`): those to prove ourselves with, or those that the
   * peer must have one of.
   * Distinguished names of authorities, groups, OIDs of policies, and constraints on keys and signatures as in `rsa-2048-sha256`.
   */
  readonly certificates: readonly string[];
  readonly caNames: readonly string[];
  /** Certificates of authorities one of which the peer's must follow from. */
  readonly authorities: readonly AuthorityReference[];
  readonly groups: readonly string[];
  readonly certPolicies: readonly string[];
  readonly constraints: readonly string[];
  /** What becomes of a certificate whose status is unknown: refused, refused where it names a list or responder, or taken. */
  readonly revocation: "strict" | "ifuri" | "relaxed";
}

/** A loaded certificate of an authority. */
export interface AuthorityReference {
  /** `CertificateInfo.fingerprint` */
  readonly fingerprint: string;
  /** Its subject, in strongSwan's notation. */
  readonly subject: string;
}

/** One CHILD_SA definition. */
export interface ChildDefinition {
  readonly name: string;
  /** `10.1.0.0/24[tcp/80]`, ranges, `dynamic`. */
  readonly localTs: readonly string[];
  readonly remoteTs: readonly string[];
  readonly protocol: "esp" | "ah";
  readonly proposals: readonly string[];
  readonly mode: IpsecMode;
  /** Transport mode proxy (MIPv6). */
  readonly proxyMode: boolean;
  /** Seconds, octets and packets; 0 for never. */
  readonly rekeyTime: number;
  readonly lifeTime: number;
  readonly jitterTime: number;
  readonly rekeyBytes: number;
  readonly lifeBytes: number;
  readonly jitterBytes: number;
  readonly rekeyPackets: number;
  readonly lifePackets: number;
  readonly jitterPackets: number;
  /** `trap|start` does both. */
  readonly startAction: "none" | "trap" | "start" | "trap|start";
  readonly dpdAction: "none" | "trap" | "start";
  readonly closeAction: "none" | "trap" | "start";
  readonly updown: string | undefined;
  readonly hostAccess: boolean;
  readonly ipcomp: boolean;
  /** Seconds without traffic after which the CHILD_SA is closed, 0 for never. */
  readonly inactivity: number;
  /** 0 lets the daemon choose. */
  readonly reqid: number;
  /** `value[/mask]`, `%unique`, `%unique-dir`. */
  readonly markIn: string | undefined;
  readonly markOut: string | undefined;
  /** XFRM interface: its number, `%unique` or `%unique-dir`; undefined for none. */
  readonly ifIdIn: string | undefined;
  readonly ifIdOut: string | undefined;
  /** Whether the DF bit and ECN are copied between inner and outer header, and which way DSCP is: `out` is from inner to outer. */
  readonly copyDf: boolean;
  readonly copyEcn: boolean;
  readonly copyDscp: "no" | "in" | "out" | "yes";
  /** Whether the network card encrypts: `yes` insists on it, `auto` goes on without. */
  readonly hwOffload: "no" | "yes" | "auto";
  /** The kernel's SAs truncate HMAC-SHA-256 to 96 bits where 128 were agreed on, as kernels before Linux 2.6.33 did. */
  readonly truncatedSha256: boolean;
  /** Octets to pad to, -1 for the path MTU, 0 for none. */
  readonly tfc: number;
  /** Packets, undefined for charon.replay_window. */
  readonly replayWindow: number | undefined;
  readonly installPolicy: boolean;
  /** FWD policies for what is forwarded into the tunnel as well, where a DROP policy would match it otherwise. */
  readonly policiesFwdOut: boolean;
  /** Priority of the policies, the lower the better; 0 has it computed from the selectors. */
  readonly priority: number;
  /** Name of the only interface that outbound policies are for; undefined for any. */
  readonly interface: string | undefined;
  /** The inbound SA has the inbound mark, too, and not its policies alone. */
  readonly markInSa: boolean;
  /** Mark that packets get once the inbound or outbound SA has processed them: `value[/mask]`, `%same` as the mark of that direction; undefined for none. */
  readonly setMarkIn: string | undefined;
  readonly setMarkOut: string | undefined;
  /** ICMP errors whose inner packet is of the tunnel's traffic pass, although they do not match its policies (RFC 4301 section 6). */
  readonly icmp: boolean;
  /** Security label (RFC 9478) that a CHILD_SA of it has, and no other one; undefined for none. On the wire a zero octet ends it. */
  readonly label: string | undefined;
}

/** A peer definition with the usual defaults filled in, for backends that state only what differs. */
export function peerDefinition(name: string, given: Partial<PeerDefinition>): PeerDefinition {
  return {
    version: 0,
    localAddresses: ["%any"],
    remoteAddresses: ["%any"],
    localPort: 500,
    remotePort: 500,
    proposals: ["default"],
    local: [authRound({})],
    remote: [authRound({})],
    unique: "no",
    keyingTries: 1,
    reauthTime: 0,
    rekeyTime: 14400,
    jitterTime: 0,
    overTime: 1440,
    dpdDelay: 0,
    dpdTimeout: 0,
    mobike: true,
    aggressive: false,
    push: false,
    forceEncap: false,
    fragmentation: "yes",
    childless: "allow",
    sendCertificates: "ifasked",
    sendCertRequest: true,
    dscp: 0,
    virtualIps: [],
    pools: [],
    children: [],
    ...given,
    name,
  };
}

export function authRound(given: Partial<AuthRound>): AuthRound {
  return {
    auth: "pubkey",
    id: undefined,
    idLoose: false,
    eapType: 0,
    eapVendor: 0,
    xauthBackend: undefined,
    eapIdentity: undefined,
    aaaIdentity: undefined,
    certificates: [],
    caNames: [],
    authorities: [],
    groups: [],
    certPolicies: [],
    constraints: [],
    revocation: "relaxed",
    ...given,
  };
}

export function childDefinition(name: string, given: Partial<ChildDefinition>): ChildDefinition {
  return {
    localTs: ["dynamic"],
    remoteTs: ["dynamic"],
    protocol: "esp",
    proposals: ["default"],
    mode: "tunnel",
    proxyMode: false,
    rekeyTime: 3600,
    lifeTime: 3960,
    jitterTime: 0,
    rekeyBytes: 0,
    lifeBytes: 0,
    jitterBytes: 0,
    rekeyPackets: 0,
    lifePackets: 0,
    jitterPackets: 0,
    startAction: "none",
    dpdAction: "none",
    closeAction: "none",
    updown: undefined,
    hostAccess: false,
    ipcomp: false,
    inactivity: 0,
    reqid: 0,
    markIn: undefined,
    markOut: undefined,
    ifIdIn: undefined,
    ifIdOut: undefined,
    copyDf: true,
    copyEcn: true,
    copyDscp: "out",
    hwOffload: "no",
    truncatedSha256: false,
    tfc: 0,
    replayWindow: undefined,
    installPolicy: true,
    policiesFwdOut: false,
    priority: 0,
    interface: undefined,
    markInSa: false,
    setMarkIn: undefined,
    setMarkOut: undefined,
    icmp: false,
    label: undefined,
    ...given,
    name,
  };
}

/**
 * Where backends put connections. Lives on control; every change reaches all shards before the call resolves.
 */
export interface ConnectionStore {
  /**
   * Adds or replaces the connection of this name of this backend.
   * @throws {DefinitionError} CYG_CONFIG_* with the field; nothing has changed then
   */
  add(backend: string, peer: PeerDefinition): Promise<void>;
  /** @returns whether there was one */
  remove(backend: string, name: string): Promise<boolean>;
  /** All connections in the order they were added. */
  list(): readonly PeerDefinition[];
  /** The connection of this name, or the first one that has a child of this name. */
  find(name: string): { readonly peer: PeerDefinition; readonly child: ChildDefinition | undefined } | undefined;
}

export const ConnectionStore: ServiceToken<ConnectionStore> = serviceToken("ConnectionStore");

/** How the texts of definitions print: canonical, as status output and log lines have them. Where a text cannot be read, it is returned. */
export interface DefinitionNotation {
  /** `moon.example.org` for `@moon.example.org`, `C=CH, CN=x` for `C=CH,CN=x`. */
  identity(text: string): string;
  /** `10.1.0.0/24[tcp/http]` for `10.1.0.5/24[6/80]`. */
  selector(text: string): string;
}

export const DefinitionNotation: ServiceToken<DefinitionNotation> = serviceToken("DefinitionNotation");
