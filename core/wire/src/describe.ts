import { configAttributeTypeShortName, configTypeShortName } from "./constants/config.js";
import { EapCode, eapCodeShortName, eapTypeShortName } from "./constants/eap.js";
import { notifyTypeShortName } from "./constants/notify-type.js";
import { PayloadType, payloadTypeShortName } from "./constants/payload-type.js";
import type { CpPayload } from "./payloads/cp-payload.js";
import type { EapPayload } from "./payloads/eap-payload.js";
import type { EncryptedPayload } from "./payloads/encrypted-payload.js";
import type { Payload } from "./payloads/payload.js";

/** What `describeMessage` looks at: a parsed `Message`, or the payloads of one that is about to be generated. */
export interface DescribableMessage {
  readonly payloads: readonly Payload[];
  /** Printed, behind the payloads in the clear, as `EF(1/2)` or `E`, unless the inside was opened. */
  readonly encrypted?: EncryptedPayload | undefined;
  readonly isOpened?: boolean;
}

function describeConfig({ cfgType, attributes }: CpPayload): string {
  let text = `CP${configTypeShortName(cfgType)}(`;
  for (let i = 0; i < attributes.length; i++) {
    if (i > 0) text += " ";
    text += configAttributeTypeShortName(attributes[i].type);
  }
  return `${text})`;
}

function describeEap({ code, method }: EapPayload): string {
  const text = `EAP/${eapCodeShortName(code)}`;
  return code === EapCode.REQUEST || code === EapCode.RESPONSE ? `${text}/${eapTypeShortName(method)}` : text;
}

/** One payload in the words of charon's log: `SA`, `N(NATD_S_IP)`, `CPRQ(ADDR DNS)`, `EAP/REQ/MD5`. */
function describePayloadBriefly(payload: Payload): string {
  switch (payload.type) {
    case PayloadType.NOTIFY:
      return `N(${notifyTypeShortName(payload.notifyType)})`;
    case PayloadType.CP:
      return describeConfig(payload);
    case PayloadType.EAP:
      return describeEap(payload);
    case PayloadType.UNKNOWN:
      return payloadTypeShortName(payload.payloadType);
    default:
      return payloadTypeShortName(payload.type);
  }
}

/**
 * What a log line such as `parsed IKE_SA_INIT response 0 [ SA KE No N(FRAG_SUP) ]` says in brackets, brackets included; `[ ]`
 * for a message without payloads.
 */
export function describeMessage(message: DescribableMessage): string {
  const { payloads, encrypted } = message;
  let text = "[ ";
  for (let i = 0; i < payloads.length; i++) text += `${describePayloadBriefly(payloads[i])} `;
  if (encrypted !== undefined && message.isOpened !== true) {
    text += encrypted.type === PayloadType.SKF ? `EF(${encrypted.fragmentNumber}/${encrypted.totalFragments}) ` : "E ";
  }
  return `${text}]`;
}
