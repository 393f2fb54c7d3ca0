import { readFileSync } from "node:fs";
import type { IkeKeys } from "@cygnet/plugin-api";
import { RngQuality } from "@cygnet/plugin-api";
import { AlgorithmRegistry, IkeAuth, IkeKeymat, IkeSuites, childKeyLengths, parseProposal } from "@cygnet/crypto";
import { testVectors } from "@cygnet/crypto/vectors";
import { ProtocolId } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { loadAlgorithms } from "@cygnet/plugin-testkit/pair";

/** Two strongSwans, recorded; every octet of theirs comes out of our plugins, too. */
const CAPTURES = ["ikev2-psk-aes128-sha1-modp1024", "ikev2-psk-aes256gcm16-prfsha256-ecp256"];
const FOLDER = new URL("../../core/crypto/test/vectors/", import.meta.url);

/** Header, generic header of the SK payload: where its IV begins, as it is the only payload. */
const IV_AT = 32;
/** Flags in the header: of them, whether the original initiator of the IKE_SA sent the message. */
const FLAGS_AT = 19;
const INITIATOR_FLAG = 0x08;
const NONCE_BYTES = 32;
const SA = 33;
const ID_I = 35;
const ID_R = 36;

interface Keys {
  readonly shared_secret: string;
  readonly nonces_ni_nr: string;
  readonly [name: `sk_${string}`]: string;
}
interface ChildKeys {
  readonly prf_plus_seed: string;
  readonly pfs_shared_secret?: string;
  readonly encr_i: string;
  readonly encr_r: string;
  readonly integ_i?: string;
  readonly integ_r?: string;
}
interface Packet {
  readonly dir: "I->R" | "R->I";
  readonly kind: string;
  readonly exchange?: string;
  readonly udp_payload: string;
  readonly non_esp_marker?: boolean;
  readonly header: { readonly ispi: string; readonly rspi: string };
  readonly sk?: {
    readonly plaintext_with_padding: string;
    readonly inner_payloads: readonly { readonly type: number; readonly body: string }[];
  };
}
interface Capture {
  readonly ike_proposal: string;
  readonly esp_proposal: string;
  readonly psk_hex: string;
  readonly nonce_i: string;
  readonly nonce_r: string;
  readonly ike_key_sets: readonly Keys[];
  readonly child_key_sets: readonly ChildKeys[];
  readonly psk_auth: Readonly<Record<"octets_i" | "auth_i" | "octets_r" | "auth_r", string>>;
  readonly packets: readonly Packet[];
}

const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const ikeMessage = (packet: Packet): Uint8Array => fromHex(packet.udp_payload).subarray(packet.non_esp_marker === true ? 4 : 0);

const registry = new AlgorithmRegistry({ vectors: testVectors, requireVectors: true });
loadAlgorithms(registry);
const rng = registry.rng(RngQuality.STRONG)!;

function keyInput(keys: Keys, ispi: string, rspi: string): Parameters<IkeKeymat["derive"]>[1] {
  const nonces = fromHex(keys.nonces_ni_nr);
  const half = (spi: string, at: number): number => Number.parseInt(spi.slice(at, at + 8), 16);
  return {
    nonceInitiator: nonces.subarray(0, NONCE_BYTES),
    nonceResponder: nonces.subarray(NONCE_BYTES),
    sharedSecret: fromHex(keys.shared_secret),
    spiInitiatorHi: half(ispi, 0),
    spiInitiatorLo: half(ispi, 8),
    spiResponderHi: half(rspi, 0),
    spiResponderLo: half(rspi, 8),
  };
}

/** What was derived, under the names that the capture has for it; AEADs have no integrity keys. */
function named({ skD, skAi, skAr, skEi, skEr, skPi, skPr }: IkeKeys): Record<string, string> {
  const all = { sk_d: skD, sk_ai: skAi, sk_ar: skAr, sk_ei: skEi, sk_er: skEr, sk_pi: skPi, sk_pr: skPr };
  return Object.fromEntries(Object.entries(all).map(([name, key]) => [name, hex(key)]));
}

function expected(keys: Keys): Record<string, string> {
  const names = ["sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr"] as const;
  return Object.fromEntries(names.map((name) => [name, keys[name] ?? ""]));
}

describe.each(CAPTURES)("%s, with the plugins that the daemon loads", (name) => {
  const capture = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as Capture;
  const messages = capture.packets.filter(({ kind }) => kind === "ike");
  const suite = new IkeSuites(registry).get(parseProposal(ProtocolId.IKE, capture.ike_proposal));
  const keymat = new IkeKeymat(rng);

  /** The keys of each IKE_SA of the capture, by its initiator's SPI: the first, and those that it was rekeyed to. */
  function derive(): Map<string, { keys: Uint8Array; derived: Record<string, string> }> {
    const found = new Map<string, { keys: Uint8Array; derived: Record<string, string> }>();
    const first = messages[1]!.header;
    let spis = [first.ispi, first.rspi] as const;
    let old: Uint8Array | undefined;
    for (const set of capture.ike_key_sets) {
      let derived: Record<string, string> = {};
      const onKeys = (raw: IkeKeys): void => void (derived = named(raw));
      const keys = keymat.derive(suite, keyInput(set, ...spis), { onKeys, ...(old && { old: { suite, keys: old } }) });
      found.set(spis[0], { keys, derived });
      old = keys;
      const fresh = rekeyedSpis(messages, spis[0]);
      if (fresh) spis = fresh;
    }
    return found;
  }

  it("re-derives all keys of all IKE_SAs", () => {
    const sets = [...derive().values()].map(({ derived }) => derived);
    expect(sets).toEqual(capture.ike_key_sets.map(expected));
  });

  /** Every protected message, with the keys of its IKE_SA and whether the initiator of that sent it. */
  function protectedMessages(): { message: Uint8Array; text: string; keys: Uint8Array; isByInitiator: boolean }[] {
    const sas = derive();
    const found = messages.filter(({ sk }) => sk !== undefined);
    expect(found.length).toBeGreaterThanOrEqual(6);
    return found.map((packet) => {
      const message = ikeMessage(packet);
      const sa = sas.get(packet.header.ispi);
      expect(sa, `keys of IKE_SA ${packet.header.ispi}`).toBeDefined();
      return {
        message,
        text: packet.sk!.plaintext_with_padding,
        keys: sa!.keys,
        isByInitiator: (message[FLAGS_AT]! & INITIATOR_FLAG) !== 0,
      };
    });
  }

  it("decrypts every protected message", () => {
    for (const { message, text, keys, isByInitiator } of protectedMessages()) {
      expect(keymat.open(suite, keys, isByInitiator, message, IV_AT)).toBe(true);
      expect(hex(message.subarray(IV_AT + suite.ivBytes, message.length - suite.icvBytes))).toBe(text);
    }
  });

  it("encrypts every text with its IV to the octets that were sent", () => {
    for (const { message, text, keys, isByInitiator } of protectedMessages()) {
      const iv = message.slice(IV_AT, IV_AT + suite.ivBytes);
      // A random IV comes from the random source, a counter stands in front of the keys.
      const sender = new IkeKeymat({ quality: rng.quality, bytes: (out) => out.set(iv) });
      const block = keys.slice();
      if (suite.aead.ivKind === "counter") block.set(iv);
      const sealed = new Uint8Array(message.length);
      sealed.set(message.subarray(0, IV_AT));
      sealed.set(fromHex(text), IV_AT + suite.ivBytes);
      sender.seal(suite, block, isByInitiator, sealed, IV_AT);
      expect(hex(sealed)).toBe(hex(message));
    }
  });

  it("recomputes AUTH of both sides", () => {
    const { keys } = derive().get(messages[0]!.header.ispi)!;
    const auth = messages.filter(({ exchange }) => exchange === "IKE_AUTH");
    const ikeAuth = new IkeAuth();
    const sides = [
      {
        byInitiator: true,
        nonce: capture.nonce_r,
        type: ID_I,
        octets: capture.psk_auth.octets_i,
        value: capture.psk_auth.auth_i,
      },
      {
        byInitiator: false,
        nonce: capture.nonce_i,
        type: ID_R,
        octets: capture.psk_auth.octets_r,
        value: capture.psk_auth.auth_r,
      },
    ];
    sides.forEach(({ byInitiator, nonce, type, octets, value }, at) => {
      const id = auth[at]!.sk!.inner_payloads.find((payload) => payload.type === type)!;
      const input = { byInitiator, initMessage: ikeMessage(messages[at]!), nonceOther: fromHex(nonce), idBody: fromHex(id.body) };
      expect(hex(ikeAuth.octets(suite, keys, input))).toBe(octets);
      const out = new Uint8Array(suite.prf.outputBytes);
      ikeAuth.psk(suite, keys, input, fromHex(capture.psk_hex), out);
      expect(hex(out)).toBe(value);
    });
  });

  it("re-derives the keys of all CHILD_SAs", () => {
    const lengths = childKeyLengths(parseProposal(ProtocolId.ESP, capture.esp_proposal))!;
    const { keys } = derive().get(messages[0]!.header.ispi)!;
    expect(capture.child_key_sets.length).toBeGreaterThanOrEqual(2);
    for (const child of capture.child_key_sets) {
      const secret = child.pfs_shared_secret === undefined ? undefined : fromHex(child.pfs_shared_secret);
      const nonces = fromHex(child.prf_plus_seed).subarray(secret?.length ?? 0);
      const input = {
        nonceInitiator: nonces.subarray(0, NONCE_BYTES),
        nonceResponder: nonces.subarray(NONCE_BYTES),
        sharedSecret: secret,
      };
      const derived = keymat.childKeys(suite, keys, input, lengths);
      expect({
        encr_i: hex(derived.encryptionInitiator),
        encr_r: hex(derived.encryptionResponder),
        integ_i: hex(derived.integrityInitiator),
        integ_r: hex(derived.integrityResponder),
      }).toEqual({ encr_i: child.encr_i, encr_r: child.encr_r, integ_i: child.integ_i ?? "", integ_r: child.integ_r ?? "" });
    }
  });
});

/** SPIs of the IKE_SA that replaces another: they are in the proposals of the exchange that rekeys. */
function rekeyedSpis(messages: readonly Packet[], ispi: string): readonly [string, string] | undefined {
  const proposals = messages
    .filter(({ header, exchange }) => header.ispi === ispi && exchange === "CREATE_CHILD_SA")
    .map(({ sk }) => sk?.inner_payloads.find(({ type }) => type === SA)?.body)
    // Protocol IKE with an SPI of 8 octets.
    .filter((body) => body?.slice(10, 14) === "0108")
    .map((body) => body!.slice(16, 32));
  return proposals.length === 2 ? [proposals[0]!, proposals[1]!] : undefined;
}
