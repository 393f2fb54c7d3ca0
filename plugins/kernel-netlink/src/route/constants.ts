/*
 * Numbers and sizes of linux/rtnetlink.h, if_link.h, if_addr.h and fib_rules.h.
 */

export enum RouteMessage {
  NEWLINK = 16,
  DELLINK,
  GETLINK,
  NEWADDR = 20,
  DELADDR,
  GETADDR,
  NEWROUTE = 24,
  DELROUTE,
  GETROUTE,
  NEWRULE = 32,
  DELRULE,
}

/** Multicast groups. */
export const RTNLGRP_LINK = 1;
export const RTNLGRP_IPV4_IFADDR = 5;
export const RTNLGRP_IPV4_ROUTE = 7;
export const RTNLGRP_IPV4_RULE = 8;
export const RTNLGRP_IPV6_IFADDR = 9;
export const RTNLGRP_IPV6_ROUTE = 11;
export const RTNLGRP_IPV6_RULE = 19;

/** Struct ifinfomsg. */
export const LINK_BYTES = 16;
export const IFLA_IFNAME = 3;
export const IFF_UP = 1;
export const IFF_LOOPBACK = 8;

/** Struct ifaddrmsg. */
export const ADDRESS_BYTES = 8;
export const IFA_ADDRESS = 1;
export const IFA_LOCAL = 2;
export const IFA_FLAGS = 8;
/** Of IPv6; for IPv4 it marks one that is not the first of its subnet. */
export const IFA_F_TEMPORARY = 0x01;
export const IFA_F_NODAD = 0x02;
export const IFA_F_DADFAILED = 0x08;
export const IFA_F_DEPRECATED = 0x20;
export const IFA_F_TENTATIVE = 0x40;

/** Struct rtmsg. */
export const ROUTE_BYTES = 12;
export const RTA_DST = 1;
export const RTA_OIF = 4;
export const RTA_GATEWAY = 5;
export const RTA_PRIORITY = 6;
export const RTA_PREFSRC = 7;
export const RTA_METRICS = 8;
export const RTA_TABLE = 15;
export const RTA_MARK = 16;
/** In `RTA_METRICS`. */
export const RTAX_MTU = 2;
export const RTAX_ADVMSS = 8;
export const RTM_F_CLONED = 0x200;
export const RTM_F_LOOKUP_TABLE = 0x1000;
export const RTN_UNICAST = 1;
export const RTN_THROW = 9;
export const RTPROT_STATIC = 4;
export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_LINK = 253;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;

/** Struct fib_rule_hdr. */
export const RULE_BYTES = 12;
export const FRA_PRIORITY = 6;
export const FRA_FWMARK = 10;
export const FRA_TABLE = 15;
export const FRA_FWMASK = 16;
export const FIB_RULE_INVERT = 2;
export const FR_ACT_TO_TBL = 1;
