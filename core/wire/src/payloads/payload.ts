import { PayloadType } from "../constants/payload-type.js";
import type { AuthPayload } from "./auth-payload.js";
import { authPayload } from "./auth-payload.js";
import type { CertPayload } from "./cert-payload.js";
import { certPayload } from "./cert-payload.js";
import type { CertReqPayload } from "./certreq-payload.js";
import { certReqPayload } from "./certreq-payload.js";
import type { CpPayload } from "./cp-payload.js";
import { cpPayload } from "./cp-payload.js";
import type { DeletePayload } from "./delete-payload.js";
import { deletePayload } from "./delete-payload.js";
import type { EapPayload } from "./eap-payload.js";
import { eapPayload } from "./eap-payload.js";
import type { IdInitiatorPayload, IdResponderPayload } from "./id-payload.js";
import { idInitiatorPayload, idResponderPayload } from "./id-payload.js";
import type { KePayload } from "./ke-payload.js";
import { kePayload } from "./ke-payload.js";
import type { NoncePayload } from "./nonce-payload.js";
import { noncePayload } from "./nonce-payload.js";
import type { NotifyPayload } from "./notify-payload.js";
import { notifyPayload } from "./notify-payload.js";
import type { PayloadCodec } from "./payload-codec.js";
import type { SaPayload } from "./sa-payload.js";
import { saPayload } from "./sa-payload.js";
import type { TsInitiatorPayload, TsResponderPayload } from "./ts-payload.js";
import { tsInitiatorPayload, tsResponderPayload } from "./ts-payload.js";
import type { UnknownPayload } from "./unknown-payload.js";
import type { VendorIdPayload } from "./vendor-id-payload.js";
import { vendorIdPayload } from "./vendor-id-payload.js";

/** Any payload that carries content; switch on its `type`. */
export type Payload =
  | SaPayload
  | KePayload
  | IdInitiatorPayload
  | IdResponderPayload
  | CertPayload
  | CertReqPayload
  | AuthPayload
  | NoncePayload
  | NotifyPayload
  | DeletePayload
  | VendorIdPayload
  | TsInitiatorPayload
  | TsResponderPayload
  | CpPayload
  | EapPayload
  | UnknownPayload;

/** The value type of a payload type: `PayloadOf<PayloadType.KE>` is `KePayload`. */
export type PayloadOf<T extends Payload["type"]> = Extract<Payload, { readonly type: T }>;

/** Codecs of all payload types with content, in order of their numbers. */
const PAYLOAD_CODECS: readonly PayloadCodec<Payload>[] = [
  saPayload,
  kePayload,
  idInitiatorPayload,
  idResponderPayload,
  certPayload,
  certReqPayload,
  authPayload,
  noncePayload,
  notifyPayload,
  deletePayload,
  vendorIdPayload,
  tsInitiatorPayload,
  tsResponderPayload,
  cpPayload,
  eapPayload,
];

const BY_TYPE: (PayloadCodec<Payload> | undefined)[] = Array.from({ length: 256 });
for (const codec of PAYLOAD_CODECS) BY_TYPE[codec.type] = codec;

/** The codec of a payload type; undefined for types that are kept undecoded. */
export function payloadCodec(type: number): PayloadCodec<Payload> | undefined {
  return BY_TYPE[type];
}

/** The payload type number that a payload has on the wire. */
export function wireType(payload: Payload): number {
  return payload.type === PayloadType.UNKNOWN ? payload.payloadType : payload.type;
}
