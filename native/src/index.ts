export { loadBinding } from "./binding.js";
export * from "./crypto/index.js";
export { NativeError } from "./native-error.js";
export type { NativeUdpSocket, NativeUdpSocketConstructor, UdpSocketOptions, UdpStatus } from "./native-udp-socket.js";
export { System } from "./system.js";
export type { CpuTime, NativeSystem } from "./system.js";
export { UdpSocket } from "./udp-socket.js";
export type { ReceiveSlots, SendTarget } from "./udp-socket.js";
