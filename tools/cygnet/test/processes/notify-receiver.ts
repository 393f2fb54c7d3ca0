import { spawn, spawnSync } from "node:child_process";
import { onTestFinished } from "vitest";

/** Node.js has no datagrams of Unix sockets. Prints each one as a line of JSON, after one that says that it listens. */
const RECEIVER = `
import json, socket, sys
address = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\\0" + address[1:] if address.startswith("@") else address)
print(json.dumps("listening"), flush=True)
while True:
    print(json.dumps(receiver.recv(65536).decode()), flush=True)
`;

/** Whether there is what the receiver needs. */
export const canReceive = spawnSync("python3", ["-c", "pass"]).status === 0;

/** Stands for the service manager: what is told to its socket. Gone after the test. */
export class NotifyReceiver {
  readonly messages: string[] = [];
  #waiting: (() => void) | undefined;

  /** @param address a path, or `@` and an abstract name */
  static async listen(address: string): Promise<NotifyReceiver> {
    const receiver = new NotifyReceiver();
    const python = spawn("python3", ["-c", RECEIVER, address], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void python.kill());
    let rest = "";
    python.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      receiver.messages.push(...lines.map((line) => JSON.parse(line) as string));
      receiver.#waiting?.();
    });
    await receiver.next("listening");
    receiver.messages.length = 0;
    return receiver;
  }

  /** Waits for a message that begins with `text`, and takes it and all before it. */
  async next(text: string): Promise<string> {
    for (;;) {
      const at = this.messages.findIndex((message) => message.startsWith(text));
      if (at >= 0) return this.messages.splice(0, at + 1)[at];
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
  }
}
