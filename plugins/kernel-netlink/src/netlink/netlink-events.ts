import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { NativeError, NetlinkSocket } from "@cygnet/native";
import { Nlmsg } from "./constants.js";
import { MessageReader } from "./message-reader.js";
import { openError } from "./netlink-requests.js";

/** What is listened to. */
export interface EventOptions {
  readonly protocol: number;
  /** Numbers of multicast groups. */
  readonly groups: readonly number[];
  /** Octets, 0 for the system's default. */
  readonly receiveBufferBytes: number;
  readonly log: Logger;
  /** Gets each message, valid during the call. */
  readonly receive: (message: MessageReader) => void;
  /** Events were lost, because they came faster than they were read. */
  readonly lost: () => void;
}

/** Delivers what the kernel tells a multicast group, until `close`. */
export class NetlinkEvents {
  readonly #socket: NetlinkSocket;
  readonly #options: EventOptions;

  /** @throws {SystemError} CYG_NETLINK_OPEN */
  constructor(options: EventOptions) {
    this.#options = options;
    const { protocol, groups, receiveBufferBytes } = options;
    try {
      this.#socket = new NetlinkSocket({ protocol, groups: Uint32Array.from(groups), receiveBufferBytes });
    } catch (error) {
      throw error instanceof NativeError ? openError(protocol, error) : error;
    }
    const reader = new MessageReader(this.#socket.answers);
    this.#socket.start((octets) => {
      reader.reset(octets);
      this.#read(reader);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #read(reader: MessageReader): void {
    const { log, receive, lost } = this.#options;
    try {
      while (reader.next()) {
        if (reader.type === Nlmsg.OVERRUN) lost();
        else if (reader.type > Nlmsg.OVERRUN) receive(reader);
      }
    } catch (error) {
      log.log(LogGroup.KNL, 1, `ignoring events of the kernel: ${(error as Error).message}`);
    }
  }
}
