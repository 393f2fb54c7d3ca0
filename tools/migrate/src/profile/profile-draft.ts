import { authRound, childDefinition, peerDefinition } from "@cygnet/plugin-api";
import type { AuthRound, ChildDefinition, PeerDefinition } from "@cygnet/plugin-api";
import type { SettingsObject } from "@cygnet/settings";
import { parseEapMethod } from "@cygnet/wire";
import type { Verdict } from "../check/verdict.js";
import type { ConnectionSource } from "../convert/connection-section.js";
import type { ProfileValue } from "./profile-file.js";

/** A file that has to be in a folder beside swanctl.conf. */
export interface NeededFile {
  readonly folder: "x509" | "x509ca" | "private" | "pkcs12";
  readonly name: string;
  /** Where it is now, or what is in it. */
  readonly from: string | Uint8Array;
}

type Draft<T> = { -readonly [K in keyof T]?: T[K] };

/** What is known of a client's connection while the keys of its profile are read. */
export interface ProfileDraft {
  name: string;
  readonly peer: Draft<PeerDefinition>;
  readonly child: Draft<ChildDefinition>;
  /** How this host authenticates, round by round, in the words of swanctl.conf. */
  methods: readonly string[];
  remoteMethod: string;
  /** What all rounds of a side have; certificates are those of rounds that can use them. */
  readonly local: Draft<AuthRound>;
  readonly remote: Draft<AuthRound>;
  /** Further children, by name. */
  readonly shunts: Map<string, Draft<ChildDefinition>>;
  readonly secrets: Record<string, SettingsObject>;
  readonly files: NeededFile[];
  /** What has to be done beside swanctl.conf. */
  readonly notes: string[];
}

/** All keys of a profile, for those that another one decides about. */
export type ProfileKeys = ReadonlyMap<string, ProfileValue>;

/**
 * What a key does to the connection. @returns a verdict where it does nothing to it, or does it otherwise than the client
 * @throws {UnusableValue} if its value cannot be
 */
export type ProfileRule = (draft: ProfileDraft, value: ProfileValue, keys: ProfileKeys) => Verdict | undefined;

/** A client's keys, what its connections are without any, and what is to be said once all are read. */
export interface ProfileFormat {
  /** @returns undefined for keys that the client does not know */
  rule(key: string): ProfileRule | undefined;
  start(name: string): ProfileDraft;
  /** Adds what depends on several keys. */
  finish(draft: ProfileDraft, keys: ProfileKeys): void;
}

/** Says that a key's value cannot be, without the place. */
export class UnusableValue extends Error {
  override readonly name = "UnusableValue";
}

/** A draft without anything. @param given what the client always does */
export function emptyDraft(name: string, given: Pick<ProfileDraft, "peer" | "child">): ProfileDraft {
  return {
    name,
    ...given,
    methods: ["pubkey"],
    remoteMethod: "pubkey",
    local: {},
    remote: {},
    shunts: new Map(),
    secrets: {},
    files: [],
    notes: [],
  };
}

/** A draft as a connection; its name has what a section can be called. */
export function draftedConnection(draft: ProfileDraft): ConnectionSource {
  const { peer, child, local, remote, methods, remoteMethod, shunts } = draft;
  const name = draft.name.trim().replace(/[^\p{L}\p{N}_-]+/gu, "-") || "profile";
  const [auth = null, auth2 = null] = methods;
  return {
    peer: peerDefinition(name, {
      ...peer,
      version: 2,
      local: methods.map((method) => round(method, local)),
      remote: [round(remoteMethod, remote)],
      children: [
        childDefinition(name, child),
        ...[...shunts].map(([shunt, given]) => childDefinition(`${name}-${shunt}`, given)),
      ],
    }),
    local: { auth, auth2 },
    remote: { auth: remoteMethod, auth2: null },
    pools: [],
  };
}

/** EAP reads identities of its own; a password no certificate. */
function round(method: string, given: Draft<AuthRound>): AuthRound {
  const { eapIdentity, aaaIdentity, certificates, ...both } = given;
  if (method === "psk") return authRound({ ...both, auth: "psk" });
  if (method === "pubkey") return authRound({ ...both, auth: "pubkey", certificates: certificates ?? [] });
  const type = method === "eap" ? { type: 0, vendor: 0 } : parseEapMethod(method.slice("eap-".length));
  if (type === undefined) throw new TypeError(`there is no method '${method}'`);
  const isTls = method === "eap-tls";
  return authRound({
    ...both,
    auth: "eap",
    eapType: type.type,
    eapVendor: type.vendor,
    aaaIdentity,
    ...(isTls ? { certificates: certificates ?? [] } : { eapIdentity }),
  });
}

/** @throws {UnusableValue} */
export function textOf(value: ProfileValue): string {
  if (typeof value === "string") return value;
  throw new UnusableValue("a text is expected");
}

/** Without blank items. @throws {UnusableValue} */
export function listOf(value: ProfileValue, separator: RegExp): readonly string[] {
  const items = typeof value === "object" ? value : textOf(value).split(separator);
  return items.map((item) => item.replaceAll(" ", "")).filter((item) => item !== "");
}

/** @throws {UnusableValue} */
export function flagOf(value: ProfileValue): boolean {
  if (typeof value === "boolean") return value;
  throw new UnusableValue("true or false is expected");
}

/** @throws {UnusableValue} */
export function portOf(value: ProfileValue): number {
  const port = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw new UnusableValue("a port from 1 to 65535 is expected");
}
