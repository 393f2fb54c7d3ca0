import { readFileSync, writeFileSync } from "node:fs";
import { NETLINK_XFRM } from "@cygnet/native";
import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { NetlinkRequests } from "./netlink/netlink-requests.js";
import { NETLINK_OPTIONS } from "./options.js";
import type { NetlinkOptions } from "./options.js";
import { SpdAttribute, XfrmMessage } from "./xfrm/constants.js";

const ACQUIRE_EXPIRES = "/proc/sys/net/core/xfrm_acq_expires";
/** The flags in front of the attributes of XFRM_MSG_NEWSPDINFO. */
const SPD_INFO_BYTES = 4;

/** Settings of the kernel that are the same for all shards. What it does not take costs a line. @returns what sets them back */
export function applyHostSettings(options: NetlinkOptions, log: Logger): () => void {
  setHashThresholds(options, log);
  return setAcquireExpires(options.xfrm_acq_expires, log);
}

function setAcquireExpires(seconds: number, log: Logger): () => void {
  try {
    const before = readFileSync(ACQUIRE_EXPIRES, "latin1");
    writeFileSync(ACQUIRE_EXPIRES, String(seconds));
    return () => writeFileSync(ACQUIRE_EXPIRES, before);
  } catch (error) {
    log.log(LogGroup.KNL, 1, `setting ${ACQUIRE_EXPIRES} to ${seconds} failed: ${(error as Error).message}`);
    return () => undefined;
  }
}

function setHashThresholds(options: NetlinkOptions, log: Logger): void {
  const keys = ["spdh_thresh.ipv4.lbits", "spdh_thresh.ipv4.rbits", "spdh_thresh.ipv6.lbits", "spdh_thresh.ipv6.rbits"] as const;
  if (keys.every((key) => options[key] === NETLINK_OPTIONS[key].default)) return;
  const requests = new NetlinkRequests({ protocol: NETLINK_XFRM });
  try {
    const [left4, right4, left6, right6] = keys.map((key) => options[key]);
    const writer = requests.begin(XfrmMessage.NEWSPDINFO, 0, SPD_INFO_BYTES);
    writer.bytesAttribute(SpdAttribute.IPV4_HTHRESH, Uint8Array.of(left4!, right4!));
    writer.bytesAttribute(SpdAttribute.IPV6_HTHRESH, Uint8Array.of(left6!, right6!));
    requests.run();
    if (requests.refusal() !== undefined)
      log.log(LogGroup.KNL, 1, `unable to set hash thresholds of policies: ${requests.refusalText()}`);
  } finally {
    requests.close();
  }
}
