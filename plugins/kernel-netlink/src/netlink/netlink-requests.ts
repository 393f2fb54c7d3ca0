import { getSystemErrorName } from "node:util";
import { InternalError, SystemError } from "@cygnet/plugin-api";
import { NativeError, NetlinkSocket } from "@cygnet/native";
import { align4, NLM_F_ACK, NLM_F_REQUEST, Nlmsg } from "./constants.js";
import { MessageReader } from "./message-reader.js";
import { MessageWriter } from "./message-writer.js";

/** Room for the requests of one batch; the largest has a replay bitmap of half a kilobyte, and a few keys. */
const REQUEST_BYTES = 64 * 1024;
/** Requests in one batch at most. Their answers must fit into the socket's receive buffer. */
const MAX_BATCH = 64;
/** Without a configured time: the kernel answers while a request is sent, so that this much later it never will. */
const DEFAULT_TIMEOUT_MS = 5000;

/** How requests are made. */
export interface RequestOptions {
  readonly protocol: number;
  /** Milliseconds to wait for an answer, 0 for as long as makes sense. */
  readonly timeoutMs?: number;
  /** How often an unanswered batch is sent again. */
  readonly retries?: number;
  /** EEXIST and ESRCH count as success when a batch was sent again: the first one may have been carried out. */
  readonly ignoreRetransmitErrors?: boolean;
  /** The socket, unless a test brings a fake. */
  readonly open?: (protocol: number) => RequestSocket;
}

/** What is used of a `NetlinkSocket`. */
export type RequestSocket = Pick<NetlinkSocket, "requests" | "answers" | "outstanding" | "send" | "receive" | "close">;

/** Gets the messages that answer a request, other than its acknowledgement; valid during the call. */
export type AnswerReceiver = (answer: MessageReader, request: number) => void;

/**
 * Requests to the kernel, whose answers come at once. One or several are written, then carried out by `run`, in order; each may be refused by
 * itself.
 */
export class NetlinkRequests {
  readonly #socket: RequestSocket;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  readonly #options: RequestOptions;
  readonly #errnos = new Int32Array(MAX_BATCH);
  readonly #reasons: string[] = [];
  #first = 1;
  #count = 0;

  /** @throws {SystemError} CYG_NETLINK_OPEN where the kernel does not have the protocol */
  constructor(options: RequestOptions) {
    this.#options = options;
    const { protocol, open = openSocket } = options;
    this.#socket = open(protocol);
    this.#writer = new MessageWriter(this.#socket.requests);
    this.#reader = new MessageReader(this.#socket.answers);
  }

  /** Begins another request of the batch. @param structBytes the size of the structure behind its header */
  begin(type: number, flags: number, structBytes: number): MessageWriter {
    if (this.#count === MAX_BATCH) throw new InternalError(`more than ${MAX_BATCH} netlink requests in one batch`);
    const sequence = (this.#first + this.#count) >>> 0;
    // A dump has an end of its own.
    this.#writer.begin({ type, flags: flags | NLM_F_REQUEST | NLM_F_ACK, sequence }, structBytes);
    this.#count++;
    return this.#writer;
  }

  /** Forgets what was written, which something was wrong with. */
  abandon(): void {
    this.#writer.clear();
    this.#count = 0;
  }

  /**
   * Has the kernel carry the batch out. What it refuses, `refusal` tells afterwards.
   * @throws {SystemError} CYG_NETLINK_EXCHANGE when that is not possible, CYG_NETLINK_MALFORMED
   */
  run(receive?: AnswerReceiver): void {
    const count = this.#count;
    if (count === 0) return;
    this.#errnos.fill(0, 0, count);
    this.#reasons.length = 0;
    try {
      this.#exchange(count, receive);
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      throw new SystemError("CYG_NETLINK_EXCHANGE", error.syscall, error.errno, `netlink: ${error.message}`, { cause: error });
    } finally {
      this.abandon();
      this.#first = (this.#first + count) >>> 0;
    }
  }

  /** Name of the errno that a request of the latest batch was refused with, undefined when it was carried out. */
  refusal(request = 0): string | undefined {
    const errno = this.#errnos[request];
    return errno === 0 ? undefined : getSystemErrorName(errno);
  }

  /** The same with what the kernel says about it: `EPROTONOSUPPORT (Requested type not found)`. */
  refusalText(request = 0): string {
    const reason = this.#reasons[request] ?? "";
    return `${this.refusal(request) ?? "done"}${reason && ` (${reason})`}`;
  }

  close(): void {
    this.#socket.close();
  }

  #exchange(count: number, receive: AnswerReceiver | undefined): void {
    const { timeoutMs, retries = 0 } = this.#options;
    const timeout = timeoutMs || DEFAULT_TIMEOUT_MS;
    let wasRepeated = false;
    for (let attempt = 0; ; attempt++) {
      try {
        this.#socket.send(this.#writer.length, this.#first, count);
        do this.#read(this.#socket.receive(timeout), receive);
        while (this.#socket.outstanding > 0);
        break;
      } catch (error) {
        const isTimeout = error instanceof NativeError && (error.errno === "ETIMEDOUT" || error.errno === "ENOBUFS");
        if (!isTimeout || attempt >= retries) throw error;
        wasRepeated = true;
      }
    }
    if (wasRepeated && this.#options.ignoreRetransmitErrors) this.#forgiveRepeated(count);
  }

  #forgiveRepeated(count: number): void {
    for (let i = 0; i < count; i++) if (["EEXIST", "ESRCH"].includes(this.refusal(i) ?? "")) this.#errnos[i] = 0;
  }

  #read(octets: number, receive: AnswerReceiver | undefined): void {
    const reader = this.#reader;
    reader.reset(octets);
    while (reader.next()) {
      const request = (reader.sequence - this.#first) >>> 0;
      // A late answer to a batch that was given up.
      if (request >= this.#count) continue;
      const { type } = reader;
      if (type === Nlmsg.ERROR || (type === Nlmsg.DONE && reader.length >= 4)) {
        const errno = reader.i32(0);
        this.#errnos[request] = errno;
        if (errno !== 0 && type === Nlmsg.ERROR) this.#reasons[request] = reader.refusalText();
      } else if (type !== Nlmsg.NOOP && type !== Nlmsg.DONE) {
        receive?.(reader, request);
      }
    }
  }
}

function openSocket(protocol: number): NetlinkSocket {
  try {
    return new NetlinkSocket({ protocol, requestBytes: align4(REQUEST_BYTES) });
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    throw openError(protocol, error);
  }
}

/** One sentence with the protocol and the reason. */
export function openError(protocol: number, error: NativeError): SystemError {
  const { syscall, errno, message } = error;
  return new SystemError("CYG_NETLINK_OPEN", syscall, errno, `cannot open a netlink socket of protocol ${protocol}: ${message}`, {
    cause: error,
  });
}
