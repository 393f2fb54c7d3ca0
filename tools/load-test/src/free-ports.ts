import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";

/**
 * UDP ports that nobody uses now. They were bound all at once, so they differ; somebody may still take one before its user comes.
 * @param family of the wildcard address that they are to be bound at
 */
export async function freePorts(count: number, family: 4 | 6 = 4): Promise<number[]> {
  const sockets = Array.from({ length: count }, () => createSocket(family === 4 ? "udp4" : "udp6"));
  try {
    return await Promise.all(sockets.map(bind));
  } finally {
    for (const socket of sockets) socket.close();
  }
}

function bind(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, () => resolve(socket.address().port));
  });
}
