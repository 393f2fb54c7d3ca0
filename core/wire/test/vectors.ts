import { readFileSync } from "node:fs";

/** A decoded copy of a payload in a captured packet. */
export interface CapturedPayload {
  readonly type: number;
  readonly name: string;
  /** Hexadecimal, without the generic header. Absent for SK. */
  readonly body?: string;
}

/** The opened SK payload of a captured packet. */
export interface CapturedSk {
  readonly iv: string;
  readonly icv: string;
  readonly first_payload: number;
  readonly plaintext_with_padding: string;
  readonly pad_length: number;
  readonly inner_payloads: readonly CapturedPayload[];
}

/** A captured packet. */
export interface CapturedPacket {
  readonly n: number;
  readonly dir: "I->R" | "R->I";
  readonly kind: string;
  readonly udp_payload: string;
  readonly non_esp_marker: boolean;
  readonly header: {
    readonly ispi: string;
    readonly rspi: string;
    readonly next_payload: number;
    readonly version: string;
    readonly exchange: number;
    readonly flags: number;
    readonly msgid: number;
    readonly length: number;
  };
  readonly payloads: readonly CapturedPayload[];
  readonly sk?: CapturedSk;
}

/** Keys of one IKE_SA, hexadecimal. */
export interface CapturedKeys {
  readonly sk_ai?: string;
  readonly sk_ar?: string;
  readonly sk_ei: string;
  readonly sk_er: string;
}

/** A captured conversation of two strongSwan daemons. */
export interface Capture {
  readonly name: string;
  readonly ike_key_sets: readonly CapturedKeys[];
  readonly psk_auth: { readonly octets_i: string };
  readonly packets: readonly CapturedPacket[];
}

const NAMES = ["ikev2-psk-aes128-sha1-modp1024", "ikev2-psk-aes256gcm16-prfsha256-ecp256"];

/** The captured conversations in `test/vectors`, without their ESP packets. */
export const CAPTURES: readonly Capture[] = NAMES.map((name) => {
  const capture = JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), "utf8")) as Capture;
  return { ...capture, name, packets: capture.packets.filter((packet) => packet.kind === "ike") };
});

/** The IKE message in a captured packet. */
export function messageOctets(packet: CapturedPacket): Uint8Array {
  return Uint8Array.from(Buffer.from(packet.udp_payload, "hex").subarray(packet.non_esp_marker ? 4 : 0));
}
