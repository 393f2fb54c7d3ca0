import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

// The processes behind `traffic.ts`, which ends them: `receive ADDRESS`, `send ADDRESS PORT` and `flood ADDRESS PORT`.
const [task, address, port] = process.argv.slice(2);
const CHUNK = Buffer.alloc(256 * 1024);
const SMALL = Buffer.alloc(64);
/** Datagrams for one turn of the event loop, which goes out with few system calls. */
const BURST = 64;

/** Prints the port; "connected"; and for each line that it reads the octets so far with the time in milliseconds. */
function receive(): void {
  const server = createServer((connection) => {
    let bytes = 0;
    process.stdout.write("connected\n");
    // Into one buffer, again and again.
    connection.on("data", (data: Buffer) => (bytes += data.length));
    connection.on("error", () => process.exit(1));
    process.stdin.on("data", () => process.stdout.write(`${bytes} ${performance.now()}\n`));
  });
  server.listen(0, address, () => process.stdout.write(`${(server.address() as { port: number }).port}\n`));
}

function send(): void {
  const socket = connect(Number(port), address);
  const fill = (): void => {
    while (socket.write(CHUNK));
  };
  socket.on("connect", fill);
  socket.on("drain", fill);
  socket.on("error", () => process.exit(1));
}

function flood(): void {
  const socket = createSocket("udp4");
  socket.on("error", () => process.exit(1));
  socket.connect(Number(port), address, () => {
    const burst = (): void => {
      let left = BURST;
      // A full queue is no error here: there is to be more than is carried.
      for (let i = 0; i < BURST; i++) socket.send(SMALL, () => --left === 0 && setImmediate(burst));
    };
    burst();
  });
}

({ receive, send, flood })[task as "receive" | "send" | "flood"]();
