import { NotifyType, PayloadType, notifyTypeName } from "@cygnet/wire";
import type { Message, NotifyPayload } from "@cygnet/wire";

/** Notify types below this are errors, RFC 7296 section 3.10.1. */
const FIRST_STATUS_TYPE = 16384;

/** Errors that concern the CHILD_SA of an IKE_AUTH, not the IKE_SA: RFC 7296 section 1.2. */
const CHILD_ERRORS: ReadonlySet<number> = new Set([
  NotifyType.NO_PROPOSAL_CHOSEN,
  NotifyType.SINGLE_PAIR_REQUIRED,
  NotifyType.NO_ADDITIONAL_SAS,
  NotifyType.INTERNAL_ADDRESS_FAILURE,
  NotifyType.FAILED_CP_REQUIRED,
  NotifyType.TS_UNACCEPTABLE,
  NotifyType.INVALID_SELECTORS,
]);

/** The first error notify of a message. */
export function findError(message: Message): NotifyPayload | undefined {
  for (const payload of message.payloads) {
    if (payload.type === PayloadType.NOTIFY && payload.notifyType < FIRST_STATUS_TYPE) return payload;
  }
  return undefined;
}

/** The first error notify that is about the CHILD_SA. */
export function findChildError(message: Message): NotifyPayload | undefined {
  for (const payload of message.payloads) {
    if (payload.type === PayloadType.NOTIFY && CHILD_ERRORS.has(payload.notifyType)) return payload;
  }
  return undefined;
}

/** The first error notify of an IKE_AUTH response that is about the IKE_SA as a whole. */
export function findFatalError(message: Message): NotifyPayload | undefined {
  for (const payload of message.payloads) {
    if (payload.type === PayloadType.NOTIFY && payload.notifyType < FIRST_STATUS_TYPE && !CHILD_ERRORS.has(payload.notifyType))
      return payload;
  }
  return undefined;
}

/** `NO_PROPOSAL_CHOSEN`, as log lines name a notify. */
export const notifyName = (type: number): string => notifyTypeName(type);

/** The key exchange method that an INVALID_KE_PAYLOAD asks for; 0 for a malformed one. */
export function requestedKe(notify: NotifyPayload): number {
  return notify.data.length === 2 ? (notify.data[0]! << 8) | notify.data[1]! : 0;
}

/** The data of an INVALID_KE_PAYLOAD. */
export const keData = (method: number): Uint8Array => Uint8Array.of(method >>> 8, method & 0xff);
