import { DefinitionError, Host, LogGroup, authRound } from "@cygnet/plugin-api";
import type { AuthRound, Logger } from "@cygnet/plugin-api";
import { parseEapMethod } from "@cygnet/wire";
import { splitList } from "./stroke-end.js";
import type { AddConnFields, StrokeEnd } from "./stroke-end.js";

/** What `auth` alone says of a round. */
type Method = Pick<AuthRound, "auth"> & Partial<AuthRound>;

/** `strictcrlpolicy` by its number. */
const REVOCATION = ["relaxed", "strict", "ifuri"] as const;

/** In front of a `leftsigkey` among the names of certificates. */
export const SIGKEY = "sigkey:";

/** `%cert` and `%dns` name no key. */
const isRawKey = (text: string | null): text is string => text !== null && text !== "" && !text.startsWith("%");

/** Where a round is from, and where what goes wrong is told. */
export interface RoundSource {
  readonly connection: string;
  readonly fields: AddConnFields;
  readonly end: StrokeEnd;
  /** The end on the other side, which `%same` refers to. */
  readonly opposite: StrokeEnd;
  readonly isLocal: boolean;
  readonly log: Logger;
}

/**
 * The authentication rounds of an end: one, or two where a second method is given.
 * @throws {DefinitionError} CYG_STROKE_EAP for an EAP method that has no number
 */
export function authRounds(source: RoundSource): AuthRound[] {
  const { end, isLocal } = source;
  const id = end.id ?? addressIdentity(end.address, isLocal);
  const first = buildRound(source, end.auth, id, end.cert, end.ca, end.groups, end.cert_policy);
  const rounds = [isRawKey(end.rsakey) ? { ...first, certificates: [...first.certificates, `${SIGKEY}${end.rsakey}`] } : first];
  if (end.auth2 === null) return rounds;
  // The user behind the peer is somebody else.
  const id2 = end.id2 ?? (isLocal ? end.id : null);
  rounds.push(buildRound(source, end.auth2, id2, end.cert2, end.ca2, end.groups2, null));
  return rounds;
}

function buildRound(
  source: RoundSource,
  auth: string | null,
  id: string | null,
  cert: string | null,
  ca: string | null,
  groups: string | null,
  certPolicy: string | null,
): AuthRound {
  const { opposite, isLocal } = source;
  const isLoose = !isLocal && id !== null && id.startsWith("%") && !id.startsWith("%any");
  const caName = ca === "%same" ? opposite.ca : ca;
  return authRound({
    ...method(source, auth ?? "pubkey"),
    id: isLoose ? id.slice(1) : given(id),
    idLoose: isLoose,
    certificates: splitList(cert),
    // A distinguished name has commas, so this is one name.
    caNames: caName === null ? [] : [caName],
    groups: splitList(groups),
    certPolicies: splitList(certPolicy),
    revocation: REVOCATION[source.fields.crl_policy] ?? "relaxed",
  });
}

/** An identity, undefined for any. */
function given(id: string | null): string | undefined {
  return id === null || id === "" || id.startsWith("%any") ? undefined : id;
}

/** The address of an end stands in for its identity: of the peer also a subnet or range, which its own address must then be in. */
function addressIdentity(address: string | null, isLocal: boolean): string | null {
  return address !== null && isLocal && !isSingle(address) ? null : address;
}

/** No list, subnet or range of addresses. */
function isSingle(address: string): boolean {
  const [first, last] = split(address, "-");
  return !/[,/]/.test(address) && !(Host.parse(first) && Host.parse(last));
}

function method(source: RoundSource, auth: string): Method {
  if (auth === "psk" || auth === "any") return { auth };
  if (auth === "pubkey") return { auth: "pubkey" };
  if (auth.startsWith("pubkey-")) return { auth: "pubkey", constraints: [auth.slice("pubkey-".length)] };
  if (/^(rsa|ecdsa|bliss|ed25519|ed448|ike:)/.test(auth)) return { auth: "pubkey", constraints: [auth] };
  if (auth === "xauth" || auth.startsWith("xauth-")) return xauth(source, auth);
  if (auth === "eap" || auth.startsWith("eap-") || auth.startsWith("eap:")) return eap(source, auth);
  source.log.log(LogGroup.CFG, 1, `authentication method ${auth} unknown, fallback to any`);
  return { auth: "any" };
}

function xauth({ fields }: RoundSource, auth: string): Method {
  const backend = auth.slice("xauth-".length);
  return {
    auth: "xauth",
    xauthBackend: backend === "" ? undefined : backend,
    eapIdentity: fields.xauth_identity ?? undefined,
  };
}

/** `eap`, `eap-TYPE`, `eap-TYPE-VENDOR`, each with constraints on the certificate chain behind a colon. */
function eap({ connection, fields, end }: RoundSource, auth: string): Method {
  const [name, constraints] = split(auth, ":");
  const eapMethod = name === "eap" ? { type: 0, vendor: 0 } : parseEapMethod(name.slice("eap-".length));
  if (!eapMethod) throw new DefinitionError("CYG_STROKE_EAP", `${connection}.auth`, `unknown EAP method '${name}'`);
  return {
    auth: "eap",
    eapType: eapMethod.type,
    eapVendor: eapMethod.vendor,
    eapIdentity: end.eap_id ?? fields.eap_identity ?? undefined,
    aaaIdentity: fields.aaa_identity ?? undefined,
    constraints: constraints === "" ? [] : [constraints],
  };
}

function split(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
