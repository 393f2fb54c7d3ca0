import { EapType } from "./eap.js";

/** Method names of `leftauth=eap-NAME` in ipsec.conf and `auth = eap-NAME` in swanctl.conf. */
const METHODS: Readonly<Record<string, number>> = {
  identity: EapType.IDENTITY,
  md5: EapType.MD5,
  otp: EapType.OTP,
  gtc: EapType.GTC,
  tls: EapType.TLS,
  ttls: EapType.TTLS,
  sim: EapType.SIM,
  aka: EapType.AKA,
  peap: EapType.PEAP,
  mschapv2: EapType.MSCHAPV2,
  tnc: EapType.TNC,
  pt: EapType.PT_EAP,
};

/** An EAP method; vendor 0 is the IETF. */
export interface EapMethod {
  readonly type: number;
  readonly vendor: number;
}

/** Reads `md5`, `26` or `7-12345` (type and vendor). @returns undefined when it is none of these */
export function parseEapMethod(text: string): EapMethod | undefined {
  if (Object.hasOwn(METHODS, text)) return { type: METHODS[text], vendor: 0 };
  const match = /^(\d{1,10})(?:-(\d{1,8}))?$/.exec(text);
  if (!match) return undefined;
  const method = { type: Number(match[1]), vendor: Number(match[2] ?? 0) };
  return method.type > 0 && method.type <= 0xffffffff ? method : undefined;
}
