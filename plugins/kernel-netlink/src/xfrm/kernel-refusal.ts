import { SystemError } from "@cygnet/plugin-api";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";

/** What the kernel says where no module for ESP or AH is there. */
export const NO_PROTOCOL = "EPROTONOSUPPORT";

/** What a request was about, for the error of a refusal. */
export interface RefusedRequest {
  /** `XFRM_MSG_NEWSA` */
  readonly message: string;
  /** How the sentence begins: `unable to add SAD entry with SPI c0000001` */
  readonly what: string;
  /** The place in the batch, 0 by default. */
  readonly index?: number;
}

/** The error for a request of the latest batch, with errno, request, and what it was about. */
export function kernelRefusal(requests: NetlinkRequests, { message, what, index = 0 }: RefusedRequest): SystemError {
  const errno = requests.refusal(index) ?? "EIO";
  const text = `${what}: received netlink error ${requests.refusalText(index)}`;
  return new SystemError("CYG_KERNEL_XFRM", message, errno, text);
}

/** An SA that was refused, which may be because the kernel lacks its protocol. */
export function saRefusal(requests: NetlinkRequests, request: RefusedRequest, protocol: string): SystemError {
  const refusal = kernelRefusal(requests, request);
  return refusal.errno === NO_PROTOCOL ? lacksProtocol(request.message, protocol, `${request.what}: `) : refusal;
}

export function lacksProtocol(message: string, protocol: string, what = ""): SystemError {
  const remedy = protocol === "ESP" ? ": kernel-libipsec would do without" : "";
  return new SystemError("CYG_KERNEL_NO_PROTOCOL", message, NO_PROTOCOL, `${what}this kernel lacks ${protocol}${remedy}`);
}
