/**
 * The one table of the stroke message layout on x86_64 (LP64, little endian): every field of every message with its offset and kind.
 *
 * Encoder, decoder and the TypeScript types of the fields are all derived from it. Fields stand in the order in which the real
 * clients append their strings, which is not the order of the offsets.
 */

import { StrokeMessageType } from "./message-type.js";

/**
 * How a field is stored. `str` is an 8 byte slot with the offset of a NUL-terminated string, 0 for none; `bool` is one byte;
 * `i64` and `u64` are bigints, because byte and packet limits use the whole range.
 */
export type StrokeFieldKind = "str" | "u8" | "bool" | "u16" | "u32" | "i32" | "i64" | "u64";

/** One field: its name as in the protocol description, where it starts, and how it is stored. */
export interface StrokeField {
  readonly name: string;
  readonly offset: number;
  readonly kind: StrokeFieldKind;
}

/** Bytes in front of the strings; also the length of a message without strings. */
export const STROKE_FIXED_LENGTH = 658;
/** sizeof of the C structure, tail padding included; what the real client's first buffer holds. */
export const STROKE_STRUCT_SIZE = 664;
/** By how much the real client grows its buffer, which shows in the `buflen` field. */
export const STROKE_BUFFER_STEP = 1024;
/** First length that the real client refuses to send. */
export const STROKE_LENGTH_LIMIT = 65535;
export const STROKE_TYPE_OFFSET = 4;
export const STROKE_VERBOSITY_OFFSET = 8;
export const STROKE_BUFLEN_OFFSET = 656;

const NAME_ONLY = [{ name: "name", offset: 16, kind: "str" }] as const;

/** One end of a connection; offsets count from the start of that end. */
const END = [
  { name: "auth", offset: 0, kind: "str" },
  { name: "auth2", offset: 8, kind: "str" },
  { name: "id", offset: 16, kind: "str" },
  { name: "id2", offset: 24, kind: "str" },
  { name: "eap_id", offset: 32, kind: "str" },
  { name: "rsakey", offset: 40, kind: "str" },
  { name: "cert", offset: 48, kind: "str" },
  { name: "cert2", offset: 56, kind: "str" },
  { name: "cert_policy", offset: 96, kind: "str" },
  { name: "ca", offset: 64, kind: "str" },
  { name: "ca2", offset: 72, kind: "str" },
  { name: "groups", offset: 80, kind: "str" },
  { name: "groups2", offset: 88, kind: "str" },
  { name: "updown", offset: 104, kind: "str" },
  { name: "address", offset: 112, kind: "str" },
  { name: "ikeport", offset: 120, kind: "u16" },
  { name: "subnets", offset: 144, kind: "str" },
  { name: "sourceip", offset: 128, kind: "str" },
  { name: "dns", offset: 136, kind: "str" },
  { name: "sendcert", offset: 152, kind: "i32" },
  { name: "hostaccess", offset: 156, kind: "i32" },
  { name: "tohost", offset: 160, kind: "i32" },
  { name: "allow_any", offset: 164, kind: "i32" },
  { name: "protocol", offset: 168, kind: "u8" },
  { name: "from_port", offset: 170, kind: "u16" },
  { name: "to_port", offset: 172, kind: "u16" },
] as const satisfies readonly StrokeField[];

/** An end's field under a prefix: `me.auth` and so on. */
type Prefixed<P extends string, F> = F extends {
  readonly name: infer N extends string;
  readonly kind: infer K extends StrokeFieldKind;
}
  ? { readonly name: `${P}.${N}`; readonly offset: number; readonly kind: K }
  : never;

function end<P extends string>(prefix: P, base: number): readonly Prefixed<P, (typeof END)[number]>[] {
  return END.map((field) => ({
    ...field,
    name: `${prefix}.${field.name}`,
    offset: base + field.offset,
  })) as unknown as readonly Prefixed<P, (typeof END)[number]>[];
}

/** All messages: which fields the union member of each type has. */
export const STROKE_FIELDS = {
  [StrokeMessageType.INITIATE]: NAME_ONLY,
  [StrokeMessageType.ROUTE]: NAME_ONLY,
  [StrokeMessageType.UNROUTE]: NAME_ONLY,
  [StrokeMessageType.ADD_CONN]: [
    { name: "name", offset: 16, kind: "str" },
    { name: "version", offset: 24, kind: "i32" },
    { name: "eap_identity", offset: 32, kind: "str" },
    { name: "aaa_identity", offset: 40, kind: "str" },
    { name: "xauth_identity", offset: 48, kind: "str" },
    { name: "mode", offset: 56, kind: "i32" },
    { name: "mobike", offset: 60, kind: "i32" },
    { name: "aggressive", offset: 64, kind: "i32" },
    { name: "pushmode", offset: 68, kind: "i32" },
    { name: "force_encap", offset: 72, kind: "i32" },
    { name: "fragmentation", offset: 76, kind: "i32" },
    { name: "ipcomp", offset: 80, kind: "i32" },
    { name: "inactivity", offset: 88, kind: "i64" },
    { name: "proxy_mode", offset: 96, kind: "i32" },
    { name: "install_policy", offset: 100, kind: "i32" },
    { name: "close_action", offset: 104, kind: "i32" },
    { name: "reqid", offset: 108, kind: "u32" },
    { name: "tfc", offset: 112, kind: "u32" },
    { name: "ikedscp", offset: 116, kind: "u8" },
    { name: "crl_policy", offset: 120, kind: "u32" },
    { name: "unique", offset: 124, kind: "i32" },
    { name: "algorithms.ike", offset: 128, kind: "str" },
    { name: "algorithms.esp", offset: 136, kind: "str" },
    { name: "algorithms.ah", offset: 144, kind: "str" },
    { name: "rekey.reauth", offset: 152, kind: "i32" },
    { name: "rekey.ipsec_lifetime", offset: 160, kind: "i64" },
    { name: "rekey.ike_lifetime", offset: 168, kind: "i64" },
    { name: "rekey.margin", offset: 176, kind: "i64" },
    { name: "rekey.life_bytes", offset: 184, kind: "u64" },
    { name: "rekey.margin_bytes", offset: 192, kind: "u64" },
    { name: "rekey.life_packets", offset: 200, kind: "u64" },
    { name: "rekey.margin_packets", offset: 208, kind: "u64" },
    { name: "rekey.tries", offset: 216, kind: "u64" },
    { name: "rekey.fuzz", offset: 224, kind: "u64" },
    { name: "dpd.delay", offset: 232, kind: "i64" },
    { name: "dpd.timeout", offset: 240, kind: "i64" },
    { name: "dpd.action", offset: 248, kind: "i32" },
    { name: "ikeme.mediation", offset: 256, kind: "i32" },
    { name: "ikeme.mediated_by", offset: 264, kind: "str" },
    { name: "ikeme.peerid", offset: 272, kind: "str" },
    { name: "mark_in.value", offset: 280, kind: "u32" },
    { name: "mark_in.mask", offset: 284, kind: "u32" },
    { name: "mark_out.value", offset: 288, kind: "u32" },
    { name: "mark_out.mask", offset: 292, kind: "u32" },
    ...end("me", 296),
    ...end("other", 472),
    { name: "replay_window", offset: 648, kind: "u32" },
    { name: "sha256_96", offset: 652, kind: "bool" },
  ],
  [StrokeMessageType.DEL_CONN]: NAME_ONLY,
  [StrokeMessageType.TERMINATE]: NAME_ONLY,
  [StrokeMessageType.TERMINATE_SRCIP]: [
    { name: "start", offset: 16, kind: "str" },
    { name: "end", offset: 24, kind: "str" },
  ],
  [StrokeMessageType.REKEY]: NAME_ONLY,
  [StrokeMessageType.STATUS]: NAME_ONLY,
  [StrokeMessageType.STATUS_ALL]: NAME_ONLY,
  [StrokeMessageType.STATUS_ALL_NOBLK]: NAME_ONLY,
  [StrokeMessageType.ADD_CA]: [
    { name: "name", offset: 16, kind: "str" },
    { name: "cacert", offset: 24, kind: "str" },
    { name: "crluri", offset: 32, kind: "str" },
    { name: "crluri2", offset: 40, kind: "str" },
    { name: "ocspuri", offset: 48, kind: "str" },
    { name: "ocspuri2", offset: 56, kind: "str" },
    { name: "certuribase", offset: 64, kind: "str" },
  ],
  [StrokeMessageType.DEL_CA]: NAME_ONLY,
  [StrokeMessageType.LOGLEVEL]: [
    { name: "type", offset: 16, kind: "str" },
    { name: "level", offset: 24, kind: "i32" },
  ],
  [StrokeMessageType.CONFIG]: [{ name: "cachecrl", offset: 16, kind: "i32" }],
  [StrokeMessageType.LIST]: [
    { name: "flags", offset: 16, kind: "u32" },
    { name: "utc", offset: 20, kind: "i32" },
  ],
  [StrokeMessageType.REREAD]: [{ name: "flags", offset: 16, kind: "u32" }],
  [StrokeMessageType.PURGE]: [{ name: "flags", offset: 16, kind: "u32" }],
  [StrokeMessageType.LEASES]: [
    { name: "pool", offset: 16, kind: "str" },
    { name: "address", offset: 24, kind: "str" },
  ],
  [StrokeMessageType.EXPORT]: [
    { name: "flags", offset: 16, kind: "u32" },
    { name: "selector", offset: 24, kind: "str" },
  ],
  [StrokeMessageType.MEMUSAGE]: [],
  [StrokeMessageType.USER_CREDS]: [
    { name: "name", offset: 16, kind: "str" },
    { name: "username", offset: 24, kind: "str" },
    { name: "password", offset: 32, kind: "str" },
  ],
  [StrokeMessageType.COUNTERS]: [
    { name: "reset", offset: 16, kind: "i32" },
    { name: "name", offset: 24, kind: "str" },
  ],
  [StrokeMessageType.PROFILE]: [],
  [StrokeMessageType.PLUGINS]: [],
} as const satisfies Record<StrokeMessageType, readonly StrokeField[]>;
