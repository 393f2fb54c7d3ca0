/*
 * Numbers and sizes of linux/xfrm.h. Structures that hold 64 bit numbers are padded to 8 octets.
 */

export enum XfrmMessage {
  NEWSA = 0x10,
  DELSA,
  GETSA,
  NEWPOLICY,
  DELPOLICY,
  GETPOLICY,
  ALLOCSPI,
  ACQUIRE,
  EXPIRE,
  UPDPOLICY,
  UPDSA,
  POLEXPIRE,
  FLUSHSA,
  FLUSHPOLICY,
  NEWAE,
  GETAE,
  REPORT,
  MIGRATE,
  NEWSADINFO,
  GETSADINFO,
  NEWSPDINFO,
  GETSPDINFO,
  MAPPING,
}

export enum XfrmAttribute {
  ALG_AUTH = 1,
  ALG_CRYPT = 2,
  ALG_COMP = 3,
  ENCAP = 4,
  TMPL = 5,
  LTIME_VAL = 9,
  REPLAY_VAL = 10,
  LASTUSED = 15,
  POLICY_TYPE = 16,
  MIGRATE = 17,
  ALG_AEAD = 18,
  KMADDRESS = 19,
  ALG_AUTH_TRUNC = 20,
  MARK = 21,
  TFCPAD = 22,
  REPLAY_ESN_VAL = 23,
  SA_EXTRA_FLAGS = 24,
  PAD = 27,
  OFFLOAD_DEV = 28,
  SET_MARK = 29,
  SET_MARK_MASK = 30,
  IF_ID = 31,
}

/** Attributes of XFRM_MSG_NEWSPDINFO. */
export enum SpdAttribute {
  IPV4_HTHRESH = 3,
  IPV6_HTHRESH = 4,
}

/** Multicast groups. */
export const XFRMNLGRP_ACQUIRE = 1;
export const XFRMNLGRP_EXPIRE = 2;
export const XFRMNLGRP_MIGRATE = 7;
export const XFRMNLGRP_MAPPING = 8;

export const SA_INFO_BYTES = 224;
export const SA_ID_BYTES = 24;
export const SPI_INFO_BYTES = 232;
export const POLICY_INFO_BYTES = 168;
export const POLICY_ID_BYTES = 64;
export const TEMPLATE_BYTES = 64;
export const ENCAP_BYTES = 24;
export const ALGORITHM_NAME_BYTES = 64;
export const LIFETIME_CURRENT_BYTES = 32;
export const REPLAY_ESN_BYTES = 24;
export const ACQUIRE_BYTES = 280;
export const EXPIRE_BYTES = 232;
export const MAPPING_BYTES = 64;
export const MIGRATE_BYTES = 76;
export const KMADDRESS_BYTES = 40;

export enum PolicyDirection {
  IN = 0,
  OUT = 1,
  FWD = 2,
}

export const ACTION_ALLOW = 0;
export const ACTION_BLOCK = 1;
export const SHARE_ANY = 0;
/** A flag of a policy. */
export const POLICY_ICMP = 2;

/** Flags of an SA. */
export const STATE_NOECN = 1;
export const STATE_DECAP_DSCP = 2;
export const STATE_NOPMTUDISC = 4;
export const STATE_ICMP = 16;
export const STATE_AF_UNSPEC = 32;
export const STATE_ESN = 128;
/** In `SA_EXTRA_FLAGS`. */
export const XFLAG_DONT_ENCAP_DSCP = 1;

/** linux/udp.h */
export const UDP_ENCAP_ESPINUDP = 2;
/** The hardware of an interface works on inbound packets. */
export const OFFLOAD_INBOUND = 2;

export const IPPROTO_COMP = 108;
