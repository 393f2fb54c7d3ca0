/** Conformance suites for plugins that provide `CUSTOM:socket`, and what tests of such plugins need. */
export { describeFurtherPorts } from "./further-ports.js";
export { anyHead, datagram } from "./headers.js";
export type { Head } from "./headers.js";
export { ShardedSockets, TEST_KEY, describeSharedSocket } from "./shared-socket.js";
export { OneSocket, collect, describeSocket, openSocket, registerSocket, take } from "./socket.js";
export type { Datagram, OpenedSocket } from "./socket.js";
