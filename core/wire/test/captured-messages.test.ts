import { toHex } from "@cygnet/test/conformance/payload";
import type { Message, Payload } from "@cygnet/wire";
import {
  beginProtected,
  checkMessage,
  checkSealed,
  describeMessage,
  generateMessage,
  generatePayloads,
  IkeHeader,
  ikeSpiText,
  NotifyType,
  parseHeader,
  parseMessage,
  parsePayloads,
  payloadCodec,
  PayloadType,
  openedPayload,
  ProtectedLayout,
  wireType,
  Writer,
} from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { keysOf, sealerOf } from "./sealing.js";
import type { Capture, CapturedPacket, CapturedPayload } from "./vectors.js";
import { CAPTURES, messageOctets } from "./vectors.js";

function parse(octets: Uint8Array): Message {
  const header = new IkeHeader();
  parseHeader(octets, octets.length, header);
  return parseMessage(octets, octets.length, header);
}

function bodyHex(payload: Payload): string {
  const writer = new Writer(new Uint8Array(4096));
  if (payload.type === PayloadType.UNKNOWN) return toHex(payload.body);
  payloadCodec(payload.type)?.encode(writer, payload);
  return toHex(writer.bytes.subarray(0, writer.offset));
}

function expectSame(payloads: readonly Payload[], captured: readonly CapturedPayload[]): void {
  expect(payloads.map(wireType)).toEqual(captured.map(({ type }) => type));
  expect(payloads.map(bodyHex)).toEqual(captured.map(({ body }) => body));
}

/** The message of a packet with its captured plaintext in place of the ciphertext, opened. */
function opened(capture: Capture, packet: CapturedPacket): Message {
  const { sizes } = sealerOf(capture);
  const octets = messageOctets(packet);
  const message = parse(octets);
  if (packet.sk === undefined || message.encrypted === undefined) return message;
  const { at, end, firstPayload } = message.encrypted;
  checkSealed(message.encrypted, sizes);
  octets.set(Buffer.from(packet.sk.plaintext_with_padding, "hex"), at + sizes.ivBytes);
  const inner = openedPayload(octets, at, sizes.ivBytes, sizes.icvBytes, end);
  expect(packet.sk.pad_length).toBe(end - sizes.icvBytes - 1 - inner.end);
  message.addProtected(parsePayloads(firstPayload, octets, inner.start, inner.end));
  return message;
}

const cases = CAPTURES.flatMap((capture) =>
  capture.packets.map((packet) => ({ capture, packet, name: capture.name, n: packet.n })),
);

describe("captured messages", () => {
  it.each(cases)("have the recorded header: $name packet $n", ({ packet }) => {
    const { header } = parse(messageOctets(packet));
    expect({
      ispi: ikeSpiText(header.spiInitiatorHi, header.spiInitiatorLo),
      rspi: ikeSpiText(header.spiResponderHi, header.spiResponderLo),
      next_payload: header.nextPayload,
      version: `${header.majorVersion}${header.minorVersion}`,
      exchange: header.exchangeType,
      flags: header.flags,
      msgid: header.messageId,
      length: header.length,
    }).toEqual(packet.header);
  });

  it.each(cases)("have the recorded payloads: $name packet $n", ({ capture, packet }) => {
    const message = opened(capture, packet);
    if (packet.sk === undefined) {
      expect(message.encrypted).toBeUndefined();
      expectSame(message.payloads, packet.payloads);
    } else {
      expect(message.encrypted?.firstPayload).toBe(packet.sk.first_payload);
      expectSame(message.payloads, packet.sk.inner_payloads);
    }
  });

  it.each(cases)("obey the rules of their exchange: $name packet $n", ({ capture, packet }) => {
    expect(checkMessage(opened(capture, packet))).toBeUndefined();
  });

  it.each(cases.filter(({ packet }) => packet.sk === undefined))(
    "in the clear are generated again to the octet: $name packet $n",
    ({ packet }) => {
      const octets = messageOctets(packet);
      const { header, payloads } = parse(octets);
      const writer = new Writer(new Uint8Array(2048));
      const length = generateMessage(writer, header, payloads);
      expect(toHex(writer.bytes.subarray(0, length))).toBe(toHex(octets));
    },
  );

  it.each(cases.filter(({ packet }) => packet.sk !== undefined))(
    "that are protected are generated and sealed again to the octet: $name packet $n",
    ({ capture, packet }) => {
      const original = messageOctets(packet);
      const { header, payloads } = opened(capture, packet);
      const { sizes, seal } = sealerOf(capture);
      const candidates = keysOf(capture, packet).map(({ encr, integ }) => {
        const writer = new Writer(new Uint8Array(2048));
        const layout = beginProtected(writer, header, payloads, sizes, new ProtectedLayout());
        expect(layout.length).toBe(original.length);
        const plaintext = Buffer.from(packet.sk?.plaintext_with_padding ?? "", "hex");
        const padAt = layout.innerEnd - layout.plainAt;
        // The peer pads with random octets.
        writer.bytes.set(plaintext.subarray(padAt), layout.innerEnd);
        writer.bytes.set(Buffer.from(packet.sk?.iv ?? "", "hex"), layout.ivAt);
        seal(writer.bytes, layout, encr, integ);
        return toHex(writer.bytes.subarray(layout.start, layout.end));
      });
      expect(candidates).toContain(toHex(original));
    },
  );

  it("say in a log line what strongSwan says", () => {
    const [, auth] = [0, 2].map((n) =>
      opened(CAPTURES[0], CAPTURES[0].packets.find((packet) => packet.n === n) as CapturedPacket),
    );
    const init = parse(messageOctets(CAPTURES[0].packets[0]));
    const answer = parse(messageOctets(CAPTURES[0].packets[1]));
    expect(describeMessage(init)).toBe("[ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(HASH_ALG) N(REDIR_SUP) ]");
    expect(describeMessage(answer)).toBe(
      "[ SA KE No N(NATD_S_IP) N(NATD_D_IP) CERTREQ N(FRAG_SUP) N(HASH_ALG) N(CHDLESS_SUP) N(MULT_AUTH) ]",
    );
    expect(describeMessage(auth)).toBe(
      "[ IDi N(INIT_CONTACT) CERTREQ IDr AUTH SA TSi TSr N(MOBIKE_SUP) N(NO_ADD_ADDR) N(MULT_AUTH) N(EAP_ONLY) N(MSG_ID_SYN_SUP) ]",
    );
  });

  it("let their payloads be found", () => {
    const init = parse(messageOctets(CAPTURES[0].packets[0]));
    expect(init.payload(PayloadType.KE)?.method).toBe(2);
    expect(init.payload(PayloadType.KE, 2)).toBeUndefined();
    expect(init.payload(PayloadType.EAP)).toBeUndefined();
    expect(init.notify(NotifyType.NAT_DETECTION_SOURCE_IP)?.data.length).toBe(20);
    expect(init.notify(NotifyType.COOKIE)).toBeUndefined();
  });

  it("give views into the datagram", () => {
    const octets = messageOctets(CAPTURES[0].packets[0]);
    const nonce = parse(octets).payload(PayloadType.NONCE);
    expect(nonce?.data.buffer).toBe(octets.buffer);
  });

  it("survive every truncation of a slab as a WireError", () => {
    const octets = messageOctets(CAPTURES[0].packets[0]);
    for (let length = 0; length < octets.length; length++) {
      expect(() => {
        const header = new IkeHeader();
        parseHeader(octets, length, header);
      }).toThrow(expect.objectContaining({ name: "WireError", code: "CYG_WIRE_TRUNCATED" }) as Error);
    }
  });

  it("chain their inner payloads to the octet", () => {
    for (const { capture, packet } of cases) {
      if (packet.sk === undefined) continue;
      const writer = new Writer(new Uint8Array(2048));
      const length = generatePayloads(writer, opened(capture, packet).payloads);
      const plaintext = packet.sk.plaintext_with_padding;
      expect(toHex(writer.bytes.subarray(0, length))).toBe(plaintext.slice(0, plaintext.length - 2 * (packet.sk.pad_length + 1)));
    }
  });
});
