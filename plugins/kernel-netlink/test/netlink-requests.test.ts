import { NativeError } from "@cygnet/native";
import { describe, expect, it } from "vitest";
import { MessageWriter } from "../src/netlink/message-writer.js";
import { NetlinkRequests } from "../src/netlink/netlink-requests.js";
import type { RequestSocket } from "../src/netlink/netlink-requests.js";

/** What a fake kernel does with a batch: writes its answers. */
type Kernel = (answer: MessageWriter, firstSequence: number, count: number) => void;

/** A socket with a kernel behind it that is a function for each time something is sent. */
class FakeSocket implements RequestSocket {
  readonly requests = new Uint8Array(65536);
  readonly answers = new Uint8Array(4096);
  outstanding = 0;
  sent = 0;
  isClosed = false;
  #length = 0;

  constructor(private readonly kernels: Kernel[]) {}

  send(_bytes: number, firstSequence: number, count: number): void {
    this.sent++;
    this.answers.fill(0);
    const writer = new MessageWriter(this.answers);
    this.kernels.shift()?.(writer, firstSequence, count);
    this.#length = writer.length;
  }

  receive(): number {
    if (this.#length === 0) throw new NativeError("recvmsg", "ETIMEDOUT", "recvmsg: connection timed out");
    return this.#length;
  }

  close(): void {
    this.isClosed = true;
  }
}

const ERROR = 2;
const EEXIST = -17;
const ENOENT = -2;
const ESRCH = -3;

/** An NLMSG_ERROR: the errno and the header of the request, and what the kernel says of it. */
function putError(answer: MessageWriter, sequence: number, errno: number, text = ""): void {
  answer.begin({ type: ERROR, flags: text === "" ? 0x100 : 0x300, sequence }, 20);
  answer.u32(0, errno >>> 0);
  if (text !== "") answer.textAttribute(1, text);
}

function requestsTo(kernels: Kernel[], options: { retries?: number; ignoreRetransmitErrors?: boolean } = {}) {
  const socket = new FakeSocket(kernels);
  return { socket, requests: new NetlinkRequests({ protocol: 6, ...options, open: () => socket }) };
}

describe("NetlinkRequests", () => {
  it("tells for each request of a batch whether it was refused, and why", () => {
    const { requests } = requestsTo([
      (answer, first) => {
        putError(answer, first, 0);
        putError(answer, first + 1, EEXIST, "Such a thing is there");
        putError(answer, first + 2, ENOENT);
      },
    ]);
    for (let i = 0; i < 3; i++) requests.begin(16, 0, 4);
    requests.run();
    expect([0, 1, 2].map((i) => requests.refusal(i))).toEqual([undefined, "EEXIST", "ENOENT"]);
    expect(requests.refusalText(1)).toBe("EEXIST (Such a thing is there)");
    expect(requests.refusalText(2)).toBe("ENOENT");
  });

  it("gives data to the request that it answers, and overlooks answers to what was given up", () => {
    const { requests } = requestsTo([
      (answer, first) => {
        answer.begin({ type: 16, flags: 0, sequence: first - 1 }, 4);
        answer.begin({ type: 16, flags: 0, sequence: first + 1 }, 4);
        answer.u32(0, 77);
        putError(answer, first, 0);
        putError(answer, first + 1, 0);
      },
    ]);
    requests.begin(18, 0, 4);
    requests.begin(18, 0, 4);
    const got: [number, number][] = [];
    requests.run((answer, request) => got.push([request, answer.u32(0)]));
    expect(got).toEqual([[1, 77]]);
  });

  it("wipes requests once they are carried out, as there are keys in them", () => {
    const { requests, socket } = requestsTo([(answer, first) => putError(answer, first, 0)]);
    requests.begin(16, 0, 32).bytes(0, new Uint8Array(32).fill(0xaa));
    requests.run();
    expect(socket.requests.some((octet) => octet !== 0)).toBe(false);
  });

  it("sends again what is not answered, as often as it may", () => {
    const silent: Kernel = () => undefined;
    const { requests, socket } = requestsTo([silent, silent, (answer, first) => putError(answer, first, 0)], { retries: 2 });
    requests.begin(16, 0, 4);
    requests.run();
    expect(socket.sent).toBe(3);
  });

  it("throws a typed error when there is no answer, and is of use afterwards", () => {
    const { requests } = requestsTo([() => undefined, (answer, first) => putError(answer, first, 0)]);
    requests.begin(16, 0, 4);
    expect(() => requests.run()).toThrow(expect.objectContaining({ code: "CYG_NETLINK_EXCHANGE", errno: "ETIMEDOUT" }));
    requests.begin(16, 0, 4);
    requests.run();
    expect(requests.refusal()).toBeUndefined();
  });

  it.each([
    [true, undefined],
    [false, "EEXIST"],
  ])("ignoring errors of repeated requests: %s", (ignoreRetransmitErrors, expected) => {
    const kernels: Kernel[] = [() => undefined, (answer, first) => putError(answer, first, EEXIST)];
    const { requests } = requestsTo(kernels, { retries: 1, ignoreRetransmitErrors });
    requests.begin(16, 0, 4);
    requests.run();
    expect(requests.refusal()).toBe(expected);
  });

  it("ignores no errors of what was sent once", () => {
    const { requests } = requestsTo([(answer, first) => putError(answer, first, ESRCH)], {
      retries: 1,
      ignoreRetransmitErrors: true,
    });
    requests.begin(16, 0, 4);
    requests.run();
    expect(requests.refusal()).toBe("ESRCH");
  });

  it("ends in a typed error where the kernel's answer is cut off", () => {
    const { requests } = requestsTo([(answer, first) => answer.begin({ type: ERROR, flags: 0, sequence: first }, 0)]);
    requests.begin(16, 0, 4);
    expect(() => requests.run()).toThrow(expect.objectContaining({ code: "CYG_NETLINK_MALFORMED" }));
  });
});
