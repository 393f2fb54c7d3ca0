import { DefinitionError, Host, errorCode } from "@cygnet/plugin-api";
import type { AuthRound, ChildDefinition, IkeDefinition, PeerDefinition } from "@cygnet/plugin-api";
import type { Proposal } from "@cygnet/crypto";
import { ProtocolId } from "@cygnet/wire";
import { AuthConstraints } from "../credentials/auth-constraints.js";
import { Identification } from "../identity/index.js";
import { AddressMatcher } from "./address-matcher.js";
import type { AuthConfig } from "./auth-config.js";
import { ChildConfig } from "./child-config.js";
import { IKE_FIELDS, IkeConfig } from "./ike-config.js";
import type { Limit } from "./lifetime.js";
import { NO_MARK, parseMark } from "./mark.js";
import type { Mark } from "./mark.js";
import { PeerConfig } from "./peer-config.js";
import { TrafficSelector } from "./traffic-selector.js";

/** What compiling needs from elsewhere: proposals depend on the loaded plugins. */
export interface CompileEnv {
  /** Reads one proposal string without `default`. @throws an error with a CYG_PROPOSAL_* code and strongSwan's words */
  parseProposal(protocol: ProtocolId, text: string): Proposal;
  /** What `default` stands for. */
  defaultProposals(protocol: ProtocolId): readonly Proposal[];
  /** Told of a proposal that is not used, while others of the connection are. */
  leftOut?(text: string, why: string): void;
}

/** Names go into log lines, file names of scripts and control protocols. */
const NAME = /^\P{Cc}{1,255}$/u;
const MAX_PORT = 0xffff;
const MAX_DSCP = 63;
const MAX_SECONDS = 2 ** 31 - 1;
/** As many as kernels have room for in a security context, a page. */
const MAX_LABEL_OCTETS = 4095;
const ASK_PEER = "%identity";

/**
 * Makes the form that the IKE code works with. All or nothing.
 * @param similar a compiled connection; what both definitions have as the same object is taken from it, as load tests make one connection
 *   for each IKE_SA
 * @throws {DefinitionError} CYG_CONFIG_NAME, _ADDRESS, _RANGE, _PROPOSAL, _AUTH, _TS, _MARK, _LIFETIME, _LABEL, CYG_ID_SYNTAX; `where` is the
 *   connection with the field, as in `home.localAddresses` or `home.children.net.localTs`
 */
export function compilePeer(definition: PeerDefinition, env: CompileEnv, similar?: PeerConfig): PeerConfig {
  const known = similar?.definition;
  const at = definition.name;
  checkIke(definition);
  for (const key of ["keyingTries", "reauthTime", "rekeyTime", "jitterTime", "overTime", "dpdDelay", "dpdTimeout"] as const)
    integer(definition[key], 0, MAX_SECONDS, `${at}.${key}`);
  return new PeerConfig(definition, {
    ike: similar && hasSameIke(definition, similar) ? similar.ike : compileIke(definition, env),
    local: definition.local === known?.local ? similar!.local : rounds(definition.local, `${at}.local`),
    remote: definition.remote === known?.remote ? similar!.remote : rounds(definition.remote, `${at}.remote`),
    virtualIps:
      definition.virtualIps === known?.virtualIps
        ? similar!.virtualIps
        : definition.virtualIps.map((text) => virtualIp(text, `${at}.virtualIps`)),
    children: definition.children === known?.children ? similar!.children : compileChildren(definition, env),
  });
}

/** Names are resolved for each connection by itself. */
function hasSameIke(definition: PeerDefinition, { ike, definition: other }: PeerConfig): boolean {
  return !ike.hasNames && IKE_FIELDS.every((key) => definition[key] === other[key]);
}

/** Compiles what counts before the peer has said who it is. @throws {DefinitionError} as `compilePeer` */
export function compileIke(definition: IkeDefinition, env: CompileEnv): IkeConfig {
  const at = definition.name;
  checkIke(definition);
  return new IkeConfig(
    definition,
    addresses(definition.localAddresses, `${at}.localAddresses`),
    addresses(definition.remoteAddresses, `${at}.remoteAddresses`),
    proposals(ProtocolId.IKE, definition.proposals, env, `${at}.proposals`),
  );
}

function checkIke(definition: IkeDefinition): void {
  const at = definition.name;
  checkName(at, `connection`, at);
  integer(definition.localPort, 0, MAX_PORT, `${at}.localPort`);
  integer(definition.remotePort, 0, MAX_PORT, `${at}.remotePort`);
  integer(definition.dscp, 0, MAX_DSCP, `${at}.dscp`);
  integer(definition.version, 0, 2, `${at}.version`);
}

function compileChildren(definition: PeerDefinition, env: CompileEnv): readonly ChildConfig[] {
  const at = definition.name;
  const names = new Set<string>();
  return definition.children.map((child) => {
    if (names.has(child.name)) throw new DefinitionError("CYG_CONFIG_NAME", at, `there are two children '${child.name}'`);
    names.add(child.name);
    return compileChild(child, env, `${at}.children.${child.name}`);
  });
}

/** Compiles one child by itself. @throws {DefinitionError} as `compilePeer` */
export function compileChild(definition: ChildDefinition, env: CompileEnv, at: string): ChildConfig {
  checkName(definition.name, "child", at);
  const protocol = definition.protocol === "ah" ? ProtocolId.AH : ProtocolId.ESP;
  integer(definition.inactivity, 0, MAX_SECONDS, `${at}.inactivity`);
  integer(definition.reqid, 0, 0xffffffff, `${at}.reqid`);
  integer(definition.tfc, -1, 0xffff, `${at}.tfc`);
  integer(definition.priority, 0, 0xffffffff, `${at}.priority`);
  if (definition.replayWindow !== undefined) integer(definition.replayWindow, 0, 0xffff, `${at}.replayWindow`);
  const isShunt = definition.mode === "pass" || definition.mode === "drop";
  return new ChildConfig(definition, {
    protocol,
    proposals: isShunt ? [] : proposals(protocol, definition.proposals, env, `${at}.proposals`),
    localTs: selectors(definition.localTs, `${at}.localTs`),
    remoteTs: selectors(definition.remoteTs, `${at}.remoteTs`),
    limits: {
      time: limit(definition.rekeyTime, definition.lifeTime, definition.jitterTime, `${at}.rekeyTime`),
      bytes: limit(definition.rekeyBytes, definition.lifeBytes, definition.jitterBytes, `${at}.rekeyBytes`),
      packets: limit(definition.rekeyPackets, definition.lifePackets, definition.jitterPackets, `${at}.rekeyPackets`),
    },
    markIn: mark(definition.markIn, `${at}.markIn`),
    markOut: mark(definition.markOut, `${at}.markOut`),
    setMarkIn: setMark(definition.setMarkIn, definition.markIn, `${at}.setMarkIn`),
    setMarkOut: setMark(definition.setMarkOut, definition.markOut, `${at}.setMarkOut`),
    ifIdIn: interfaceId(definition.ifIdIn, `${at}.ifIdIn`),
    ifIdOut: interfaceId(definition.ifIdOut, `${at}.ifIdOut`),
    label: securityLabel(definition.label, `${at}.label`),
  });
}

function checkName(name: string, what: string, where: string): void {
  if (!NAME.test(name))
    throw new DefinitionError("CYG_CONFIG_NAME", where, `a ${what} needs a name of 1 to 255 visible characters`);
}

function integer(value: number, min: number, max: number, where: string): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new DefinitionError(
      "CYG_CONFIG_RANGE",
      where,
      `invalid value for: ${fieldOf(where)}, ${value} is not within ${min} and ${max}`,
    );
}

function addresses(texts: readonly string[], where: string): readonly AddressMatcher[] {
  if (texts.length === 0)
    throw new DefinitionError("CYG_CONFIG_ADDRESS", where, "at least one address is needed, '%any' for all");
  return texts.map((text) => {
    const matcher = AddressMatcher.parse(text.trim());
    if (!matcher)
      throw new DefinitionError("CYG_CONFIG_ADDRESS", where, `invalid value for: ${fieldOf(where)}, '${text}' is no address`);
    return matcher;
  });
}

/** Offered, they would be agreed on and not done. */
const NO_ADDITIONAL_KE = "additional key exchanges (RFC 9370) are not in this release";

function proposals(protocol: ProtocolId, texts: readonly string[], env: CompileEnv, where: string): readonly Proposal[] {
  const out: Proposal[] = [];
  const leftOut: string[] = [];
  for (const text of texts) {
    if (text === "default") out.push(...env.defaultProposals(protocol));
    else {
      const proposal = parseOne(protocol, text, env, where).withoutAdditionalKe();
      if (proposal) out.push(proposal);
      else leftOut.push(text);
    }
  }
  if (out.length === 0 && leftOut.length > 0)
    throw new DefinitionError("CYG_CONFIG_PROPOSAL", where, `${leftOut.join(", ")}: ${NO_ADDITIONAL_KE}`);
  for (const text of leftOut) env.leftOut?.(text, NO_ADDITIONAL_KE);
  if (out.length === 0)
    throw new DefinitionError("CYG_CONFIG_PROPOSAL", where, "no proposals: the loaded plugins provide too little");
  return out;
}

function parseOne(protocol: ProtocolId, text: string, env: CompileEnv, where: string): Proposal {
  try {
    return env.parseProposal(protocol, text);
  } catch (cause) {
    if (!errorCode(cause).startsWith("CYG_PROPOSAL_")) throw cause;
    throw new DefinitionError("CYG_CONFIG_PROPOSAL", where, `skipped invalid proposal string: ${text}`, { cause });
  }
}

function rounds(list: readonly AuthRound[], where: string): readonly AuthConfig[] {
  if (list.length === 0) throw new DefinitionError("CYG_CONFIG_AUTH", where, "at least one authentication round is needed");
  return list.map((round, i) => ({
    ...round,
    id: identity(round.id, `${where}.${i}.id`),
    eapIdentity: round.eapIdentity === ASK_PEER ? Identification.ANY : identity(round.eapIdentity, `${where}.${i}.eapIdentity`),
    aaaIdentity: identity(round.aaaIdentity, `${where}.${i}.aaaIdentity`),
    caNames: round.caNames.map((text) => parseIdentity(text, `${where}.${i}.caNames`)),
    groups: round.groups.map((text) => parseIdentity(text, `${where}.${i}.groups`)),
    signatures: AuthConstraints.parse(round.constraints, `${where}.${i}.constraints`),
  }));
}

function identity(text: string | undefined, where: string): Identification | undefined {
  return text === undefined ? undefined : parseIdentity(text, where);
}

function parseIdentity(text: string, where: string): Identification {
  try {
    return Identification.parse(text);
  } catch (cause) {
    if (!(cause instanceof DefinitionError)) throw cause;
    throw new DefinitionError(cause.code, where, cause.message, { cause });
  }
}

function virtualIp(text: string, where: string): Host {
  const host = Host.parse(text);
  if (!host) throw new DefinitionError("CYG_CONFIG_ADDRESS", where, `invalid value for: virtualIps, '${text}' is no IP address`);
  return host;
}

function selectors(texts: readonly string[], where: string): readonly TrafficSelector[] {
  if (texts.length === 0) throw new DefinitionError("CYG_CONFIG_TS", where, "at least one traffic selector is needed");
  return texts.map((text) => {
    const selector = TrafficSelector.parse(text);
    if (!selector)
      throw new DefinitionError("CYG_CONFIG_TS", where, `invalid value for: ${fieldOf(where)}, '${text}' is no traffic selector`);
    return selector;
  });
}

/** Limits are counts up to 2^53; a hard limit below the soft one would never let the soft one act. */
function limit(rekey: number, life: number, jitter: number, where: string): Limit {
  for (const value of [rekey, life, jitter]) integer(value, 0, Number.MAX_SAFE_INTEGER, where);
  if (life !== 0 && rekey > life)
    throw new DefinitionError(
      "CYG_CONFIG_LIFETIME",
      where,
      `invalid value for: ${fieldOf(where)}, ${rekey} is more than the lifetime ${life}`,
    );
  return { rekey, life, jitter };
}

/** `%same` is what the policies have, also where that is drawn for each CHILD_SA. */
function setMark(text: string | undefined, policyMark: string | undefined, where: string): Mark {
  if (text === "%same") return mark(policyMark, where);
  const parsed = mark(text, where);
  if (parsed.unique === "no") return parsed;
  throw new DefinitionError("CYG_CONFIG_MARK", where, `invalid value for: ${fieldOf(where)}, only a value or %same can be set`);
}

function mark(text: string | undefined, where: string): Mark {
  const parsed = text === undefined ? NO_MARK : parseMark(text);
  if (!parsed) throw new DefinitionError("CYG_CONFIG_MARK", where, `invalid value for: ${fieldOf(where)}, '${text}' is no mark`);
  return parsed;
}

/** The number of an XFRM interface is a mark without a mask of its own; 0 is none. */
function interfaceId(text: string | undefined, where: string): Mark {
  const parsed = text?.includes("/") ? undefined : mark(text, where);
  if (!parsed)
    throw new DefinitionError("CYG_CONFIG_MARK", where, `invalid value for: ${fieldOf(where)}, '${text}' is no interface ID`);
  return parsed.value === 0 && parsed.unique === "no" ? NO_MARK : parsed;
}

/** The octets of a label: its text, and a zero at its end as those of SELinux have one. */
function securityLabel(text: string | undefined, where: string): Uint8Array | undefined {
  if (text === undefined) return undefined;
  if (text === "" || text.includes("\0") || Buffer.byteLength(text) > MAX_LABEL_OCTETS)
    throw new DefinitionError(
      "CYG_CONFIG_LABEL",
      where,
      `invalid value for: ${fieldOf(where)}, a security label has 1 to ${MAX_LABEL_OCTETS} octets, none of them zero`,
    );
  return Uint8Array.from([...Buffer.from(text), 0]);
}

function fieldOf(where: string): string {
  return where.slice(where.lastIndexOf(".") + 1);
}
