import type { NativeUdpSocket, NativeUdpSocketConstructor, UdpSocketOptions, UdpStatus } from "@cygnet/native";

/** A failing system call, as the addon throws it. */
export function systemError(syscall: string, code: string): Error {
  return Object.assign(new Error(`${syscall}: ${code}`), { syscall, code });
}

export interface FakeSockets {
  readonly Native: NativeUdpSocketConstructor;
  readonly open: UdpSocketOptions[];
}

/**
 * Sockets without a kernel. `refuse` sees the options of each one opened and returns the error it fails with; random ports count up from
 * 40000.
 */
export function fakeSockets(refuse: (options: UdpSocketOptions) => Error | undefined): FakeSockets {
  const open: UdpSocketOptions[] = [];
  let next = 40_000;
  class Fake implements NativeUdpSocket {
    readonly control = new ArrayBuffer(4 * 1024);
    readonly receiveSlab: ArrayBuffer;
    readonly sendSlab = new ArrayBuffer(4096);
    readonly fd = 3;
    readonly port: number;
    readonly #options: UdpSocketOptions;

    constructor(options: UdpSocketOptions) {
      const error = refuse(options);
      if (error) throw error;
      this.port = options.port || next++;
      this.receiveSlab = new ArrayBuffer(options.slots! * (64 + ((options.maxPacketBytes! + 15) & ~15)));
      this.#options = options;
      open.push(options);
    }

    start(): void {}
    resume(): void {}
    flush(): number {
      return 0;
    }
    status(): UdpStatus {
      return {
        received: 0,
        sent: 0,
        dropped: 0,
        shed: 0,
        oversized: 0,
        forwarded: 0,
        forwardDrops: 0,
        receiveErrors: 0,
        sendErrors: 0,
        queuedBytes: 0,
        bufferBytes: 0,
      };
    }
    deliverFirst(): void {}
    allowSharing(): void {}
    attachSteering(): void {}
    forward(): void {}
    close(): void {
      open.splice(open.indexOf(this.#options), 1);
    }
  }
  return { Native: Fake, open };
}
