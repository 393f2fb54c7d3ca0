/** linux/netlink.h */
export enum Nlmsg {
  NOOP = 1,
  ERROR = 2,
  DONE = 3,
  /** Events were lost. */
  OVERRUN = 4,
}

/** Flags of a request. */
export const NLM_F_REQUEST = 0x001;
export const NLM_F_ACK = 0x004;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
/** Flag of an NLMSG_ERROR: attributes follow, among them why the request was refused. */
export const NLM_F_ACK_TLVS = 0x200;
/** Flag of an NLMSG_ERROR: the payload of the request is not repeated. */
export const NLM_F_CAPPED = 0x100;
export const NLMSGERR_ATTR_MSG = 1;

export const HEADER_BYTES = 16;
export const ATTRIBUTE_HEADER_BYTES = 4;
/** Of an attribute's type; the rest are flags. */
export const ATTRIBUTE_TYPE_MASK = 0x3fff;

export const AF_INET = 2;
export const AF_INET6 = 10;

/** Rounds up to the alignment of messages and attributes. */
export const align4 = (value: number): number => (value + 3) & ~3;
