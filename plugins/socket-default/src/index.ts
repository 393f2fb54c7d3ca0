export { DefaultSocket } from "./default-socket.js";
export type { DefaultSocketDependencies } from "./default-socket.js";
export { default } from "./plugin.js";
export { readSocketConfig } from "./socket-config.js";
export type { SocketConfig } from "./socket-config.js";
