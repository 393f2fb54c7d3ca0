export { adoptEndpoints, openEndpoints, openSharedSockets } from "./open-endpoints.js";
export type { Endpoints, SharingOptions } from "./open-endpoints.js";
export { readSocketConfig } from "./socket-config.js";
export type { SocketConfig } from "./socket-config.js";
export { SOCKET_OPTIONS } from "./socket-options.js";
export type { SocketOptions } from "./socket-options.js";
export { socketPlugin } from "./socket-plugin.js";
export { UdpSockets } from "./udp-sockets.js";
export type { UdpSocketsDependencies } from "./udp-sockets.js";
