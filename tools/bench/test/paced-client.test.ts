import { IkeKeymat } from "@cygnet/crypto";
import { UdpSocket } from "@cygnet/native";
import {
  AuthMethod,
  ExchangeType,
  IkeFlags,
  IkeHeader,
  KeyExchangeMethod,
  NotifyType,
  PayloadType,
  ProtectedLayout,
  Writer,
  beginProtected,
  generateMessage,
  parseHeader,
  parseMessage,
} from "@cygnet/wire";
import type { Message, MessageHead, Payload } from "@cygnet/wire";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadSuite, rng } from "../src/paced/load-suite.js";
import { PacedClient } from "../src/paced/paced-client.js";

const LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const NONE = new Uint8Array(0);

/** A responder that knows no more than a load test: answers by `refuse`, or sets up what it is asked for. */
class TinyResponder {
  readonly socket = new UdpSocket({ family: 4, address: LOOPBACK });
  readonly requests: ExchangeType[] = [];
  readonly #suite = loadSuite();
  readonly #keymat = new IkeKeymat(rng);
  readonly #keys = new Map<number, Uint8Array>();
  readonly #writer = new Writer(new Uint8Array(4096));

  /** @param instead answers an IKE_SA_INIT with other payloads than usual */
  constructor(instead: (request: Message) => Payload[] | undefined = () => undefined) {
    const { socket } = this;
    onTestFinished(() => socket.close());
    socket.start((slots, count) => {
      for (let i = 0; i < count; i++) {
        const slot = slots[i];
        const datagram = socket.data(slot).slice(0, socket.length(slot));
        const to = { address: socket.sourceAddress(slot), port: socket.sourcePort(slot) };
        socket.release(slot);
        const header = new IkeHeader();
        parseHeader(datagram, datagram.length, header);
        this.requests.push(header.exchangeType);
        const request = parseMessage(datagram, datagram.length, header);
        const answer =
          header.exchangeType === ExchangeType.IKE_SA_INIT ? this.#init(request, instead(request)) : this.#protected(header);
        socket.send(answer, to, undefined);
      }
      socket.flush();
    });
  }

  #init({ header, payloads }: Message, instead: Payload[] | undefined): Uint8Array {
    const head = answerTo(header);
    if (instead !== undefined) return this.#clear(head, instead);
    const nonceOf = (all: readonly Payload[]): Uint8Array => {
      const nonce = all.find((payload) => payload.type === PayloadType.NONCE);
      return nonce?.type === PayloadType.NONCE ? nonce.data : NONE;
    };
    const ours = new Uint8Array(32).fill(3);
    const value = new Uint8Array(96).fill(5);
    const keys = this.#keymat.derive(this.#suite, {
      nonceInitiator: nonceOf(payloads),
      nonceResponder: ours,
      sharedSecret: value,
      spiInitiatorHi: header.spiInitiatorHi,
      spiInitiatorLo: header.spiInitiatorLo,
      spiResponderHi: head.spiResponderHi,
      spiResponderLo: head.spiResponderLo,
    });
    this.#keys.set(header.spiInitiatorLo, keys);
    return this.#clear(head, [
      { type: PayloadType.KE, method: KeyExchangeMethod.MODP_768_BIT, data: value },
      { type: PayloadType.NONCE, data: ours },
    ]);
  }

  #clear(head: MessageHead, payloads: Payload[]): Uint8Array {
    return this.#writer.bytes.slice(0, generateMessage(this.#writer.reset(), head, payloads));
  }

  /** Answers an IKE_AUTH request, or an INFORMATIONAL one. */
  #protected(header: IkeHeader): Uint8Array {
    const layout = new ProtectedLayout();
    const established: Payload[] = [
      { type: PayloadType.AUTH, method: AuthMethod.PSK, data: new Uint8Array(20) },
      {
        type: PayloadType.SA,
        proposals: [{ number: 1, protocol: 3, spi: Uint8Array.of(1, 2, 3, 4), transforms: [{ type: 5, id: 0 }] }],
      },
    ];
    const payloads = header.exchangeType === ExchangeType.IKE_AUTH ? established : [];
    beginProtected(this.#writer.reset(), answerTo(header), payloads, this.#suite, layout);
    const message = this.#writer.bytes.slice(layout.start, layout.end);
    this.#keymat.seal(this.#suite, this.#keys.get(header.spiInitiatorLo) ?? NONE, false, message, layout.ivAt - layout.start);
    return message;
  }
}

/** The head of an answer; our SPI has the second half of the initiator's. */
function answerTo({ spiInitiatorHi, spiInitiatorLo, exchangeType, messageId }: IkeHeader): MessageHead {
  return {
    spiInitiatorHi,
    spiInitiatorLo,
    spiResponderHi: 9,
    spiResponderLo: spiInitiatorLo,
    exchangeType,
    flags: IkeFlags.RESPONSE,
    messageId,
  };
}

function clientOf(responder: TinyResponder): PacedClient {
  const client = new PacedClient(LOOPBACK, { address: LOOPBACK, port: responder.socket.port });
  onTestFinished(() => client.close());
  return client;
}

describe("the paced client", () => {
  it("sets up as many as it is told, and no more at a time", async () => {
    const responder = new TinyResponder();
    const counts = await clientOf(responder).closed(10, 3);
    expect(counts).toMatchObject({ started: 10, established: 10, failed: 0, retransmissions: 0 });
    expect(responder.requests).toHaveLength(20);
    expect(responder.requests.slice(0, 3)).toEqual([34, 34, 34]);
  });

  it("brings the cookie that it is asked for", async () => {
    const cookie = Uint8Array.of(1, 2, 3);
    const ask: Payload = { type: PayloadType.NOTIFY, protocol: 0, spi: NONE, notifyType: NotifyType.COOKIE, data: cookie };
    const responder = new TinyResponder((request) => (request.notify(NotifyType.COOKIE) === undefined ? [ask] : undefined));
    expect(await clientOf(responder).closed(1, 1)).toMatchObject({ established: 1, failed: 0 });
    expect(responder.requests).toEqual([34, 34, 35]);
  });

  it("counts what is refused as failed", async () => {
    const refusal: Payload = {
      type: PayloadType.NOTIFY,
      protocol: 0,
      spi: NONE,
      notifyType: NotifyType.NO_PROPOSAL_CHOSEN,
      data: NONE,
    };
    const responder = new TinyResponder(() => [refusal]);
    expect(await clientOf(responder).closed(2, 2)).toMatchObject({ started: 2, established: 0, failed: 2 });
  });

  it("asks the IKE_SAs that it keeps while it begins others, and takes what answers", async () => {
    const responder = new TinyResponder();
    const client = clientOf(responder);
    await client.closed(200, 50, true);
    const { started, answerMs } = await client.open({ perSecond: 0, settleSeconds: 0, seconds: 0.2 });
    expect(started).toBe(0);
    // At 200 and 50 a second.
    expect([answerMs.dpd.length, answerMs.delete.length]).toEqual([40, 10]);
    expect(responder.requests.slice(400).every((type) => type === ExchangeType.INFORMATIONAL)).toBe(true);
  });

  it("begins at its pace whether it is answered or not", async () => {
    const silent = new UdpSocket({ family: 4, address: LOOPBACK, slots: 0 });
    onTestFinished(() => silent.close());
    const client = new PacedClient(LOOPBACK, { address: LOOPBACK, port: silent.port });
    onTestFinished(() => client.close());
    const counts = await client.open({ perSecond: 400, settleSeconds: 0.02, seconds: 0.03 });
    expect(counts).toMatchObject({ started: 20, established: 0, failed: 0 });
  });
});
