import { readFileSync } from "node:fs";
import { fromHex } from "./hex.js";

/** What the tests use of test/vectors/ikev2-psk-*.json. */
export interface CapturedExchange {
  readonly ike_proposal: string;
  readonly esp_proposal: string;
  readonly psk_hex: string;
  readonly nonce_i: string;
  readonly nonce_r: string;
  readonly ike_key_sets: readonly CapturedIkeKeys[];
  readonly child_key_sets: readonly CapturedChildKeys[];
  readonly psk_auth: Readonly<Record<"key" | "octets_i" | "auth_i" | "octets_r" | "auth_r", string>>;
  readonly packets: readonly CapturedPacket[];
}

export interface CapturedIkeKeys {
  readonly shared_secret: string;
  readonly nonces_ni_nr: string;
  readonly skeyseed: string;
  readonly sk_d: string;
  readonly sk_ai?: string;
  readonly sk_ar?: string;
  readonly sk_ei: string;
  readonly sk_er: string;
  readonly sk_pi: string;
  readonly sk_pr: string;
}

export interface CapturedChildKeys {
  readonly prf_plus_seed: string;
  readonly pfs_shared_secret?: string;
  readonly encr_i: string;
  readonly encr_r: string;
  readonly integ_i?: string;
  readonly integ_r?: string;
}

export interface CapturedPayload {
  readonly type: number;
  readonly body: string;
}

export interface CapturedPacket {
  readonly n: number;
  readonly dir: "I->R" | "R->I";
  readonly kind: string;
  readonly exchange?: string;
  readonly udp_payload: string;
  readonly non_esp_marker?: boolean;
  readonly header: { readonly ispi: string; readonly rspi: string };
  readonly payloads: readonly CapturedPayload[];
  readonly sk?: {
    readonly iv: string;
    readonly icv: string;
    readonly plaintext_with_padding: string;
    readonly inner_payloads: readonly CapturedPayload[];
  };
}

export function capturedExchange(name: string): CapturedExchange {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")) as CapturedExchange;
}

/** The IKE message of a packet, without the non-ESP marker. */
export function ikeMessage(packet: CapturedPacket): Uint8Array {
  return fromHex(packet.udp_payload).subarray(packet.non_esp_marker === true ? 4 : 0);
}

/** Body of a payload that is known to be there. */
export function bodyOf(payloads: readonly CapturedPayload[], type: number): Uint8Array {
  const payload = payloads.find((candidate) => candidate.type === type);
  if (payload === undefined) throw new Error(`no payload of type ${type}`);
  return fromHex(payload.body);
}

/** Cuts a decrypted SK payload into its payloads by their generic headers. */
export function cutPayloads(first: number, plain: Uint8Array): CapturedPayload[] {
  const payloads: CapturedPayload[] = [];
  for (let at = 0, type = first; type !== 0;) {
    const length = (plain[at + 2] << 8) | plain[at + 3];
    payloads.push({ type, body: Buffer.from(plain.subarray(at + 4, at + length)).toString("hex") });
    type = plain[at];
    at += length;
  }
  return payloads;
}
