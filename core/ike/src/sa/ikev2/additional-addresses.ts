import { Host } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { NotifyType, PayloadType, makeNotifyPayload } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../ike-context.js";
import type { IkeSa } from "../ike-sa.js";
import type { OutgoingMessage } from "./outgoing-message.js";

/** Of ours that are told, and of the peer's that are kept. */
const MAX_ADDRESSES = 8;
const ADDRESS_BYTES = { 4: 4, 6: 16 } as const;

/** Tells the peer at which other addresses we can be reached, RFC 4555 section 3.6, behind all other payloads. */
export function addAdditionalAddresses(
  { kernel }: IkeContext,
  ikeSa: IkeSa,
  message: OutgoingMessage,
  local: Host,
): MaybePromise<void> {
  const add = (addresses: readonly Host[]): void => {
    const isVirtual = (host: Host): boolean => ikeSa.localVirtualIps.some((virtual) => virtual.sameAddress(host));
    const others = addresses.filter((host) => !host.sameAddress(local) && !isVirtual(host)).slice(0, MAX_ADDRESSES);
    if (others.length === 0) message.addLast(makeNotifyPayload(NotifyType.NO_ADDITIONAL_ADDRESSES));
    for (const { family, address } of others) {
      const type = family === 4 ? NotifyType.ADDITIONAL_IP4_ADDRESS : NotifyType.ADDITIONAL_IP6_ADDRESS;
      message.addLast(makeNotifyPayload(type, address));
    }
  };
  const addresses = kernel.net?.addresses() ?? [];
  return addresses instanceof Promise ? addresses.then(add) : add(addresses);
}

/** @returns undefined where the message says nothing about them */
export function additionalAddresses(message: Message): readonly Host[] | undefined {
  const hosts: Host[] = [];
  let isTold = false;
  for (const payload of message.payloads) {
    if (payload.type !== PayloadType.NOTIFY) continue;
    const { notifyType, data } = payload;
    if (notifyType === NotifyType.NO_ADDITIONAL_ADDRESSES) isTold = true;
    const family =
      notifyType === NotifyType.ADDITIONAL_IP4_ADDRESS ? 4 : notifyType === NotifyType.ADDITIONAL_IP6_ADDRESS ? 6 : 0;
    if (family === 0) continue;
    isTold = true;
    if (data.length === ADDRESS_BYTES[family] && hosts.length < MAX_ADDRESSES) hosts.push(new Host(family, data.slice(), 0));
  }
  return isTold ? hosts : undefined;
}
