// A TCP connection through a tunnel. `serve ADDRESS` sends back what comes; `send FROM TO OCTETS` sends random octets there and says, as a line
// of its standard output, what came back: `OCTETS as they were` or `another`.
import { createHash, randomBytes } from "node:crypto";
import { connect, createServer } from "node:net";

const PORT = 5201;
const [, , what, ...args] = process.argv;
if (what === "serve") createServer({ allowHalfOpen: true }, (connection) => connection.pipe(connection)).listen(PORT, args[0]);
else send(args[0], args[1], randomBytes(Number(args[2])));

function send(from, to, octets) {
  const received = createHash("sha256");
  const connection = connect({ localAddress: from, host: to, port: PORT });
  connection.on("data", (data) => received.update(data));
  connection.on("end", () => {
    const isSame = received.digest("hex") === createHash("sha256").update(octets).digest("hex");
    console.log(isSame ? `${octets.length} as they were` : "another");
  });
  // The server may still be starting.
  connection.on("error", (error) => {
    if (error.code !== "ECONNREFUSED") throw error;
    setTimeout(() => send(from, to, octets), 100);
  });
  connection.end(octets);
}
