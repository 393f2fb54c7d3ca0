/**
 * Numbers of the stroke control protocol: message types and the flag sets of the messages that carry one.
 */

/** Kind of a stroke request, 32 bits at offset 4 of the message. */
export enum StrokeMessageType {
  INITIATE = 0,
  ROUTE = 1,
  UNROUTE = 2,
  ADD_CONN = 3,
  DEL_CONN = 4,
  TERMINATE = 5,
  TERMINATE_SRCIP = 6,
  REKEY = 7,
  STATUS = 8,
  STATUS_ALL = 9,
  STATUS_ALL_NOBLK = 10,
  ADD_CA = 11,
  DEL_CA = 12,
  LOGLEVEL = 13,
  CONFIG = 14,
  LIST = 15,
  REREAD = 16,
  PURGE = 17,
  LEASES = 18,
  EXPORT = 19,
  MEMUSAGE = 20,
  USER_CREDS = 21,
  COUNTERS = 22,
  /** Not strongSwan's, which numbers its messages from 0 on: `cygnet ipsec profile`. */
  PROFILE = 0x6379_0001,
  /** Likewise: `cygnet plugins`. */
  PLUGINS = 0x6379_0002,
}

/** Name of a message type as in the table of the protocol; an unknown number prints as itself. */
export function strokeMessageTypeName(type: number): string {
  return StrokeMessageType[type] ?? String(type);
}

/** What a LIST request asks for; the values are or-ed into `flags`. */
export enum StrokeListFlag {
  PUBKEYS = 0x001,
  CERTS = 0x002,
  CACERTS = 0x004,
  OCSPCERTS = 0x008,
  AACERTS = 0x010,
  ACERTS = 0x020,
  GROUPS = 0x040,
  CAINFOS = 0x080,
  CRLS = 0x100,
  OCSP = 0x200,
  ALGS = 0x400,
  PLUGINS = 0x800,
  ALL = 0xfff,
}

/** What a REREAD request loads again. */
export enum StrokeRereadFlag {
  SECRETS = 0x01,
  CACERTS = 0x02,
  OCSPCERTS = 0x04,
  AACERTS = 0x08,
  ACERTS = 0x10,
  CRLS = 0x20,
  ALL = 0x3f,
}

/** What a PURGE request drops. IKE means IKE_SAs without a CHILD_SA. */
export enum StrokePurgeFlag {
  OCSP = 1,
  CRLS = 2,
  CERTS = 4,
  IKE = 8,
}

/** What an EXPORT request selects: certificates by subject, or the end entity certificate or whole chain of a connection. */
export enum StrokeExportFlag {
  X509 = 1,
  CONN_CERT = 2,
  CONN_CHAIN = 4,
}
