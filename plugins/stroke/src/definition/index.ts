export { buildConnection } from "./build-definition.js";
export type { BuiltConnection } from "./build-definition.js";
export { ConnectionRegistry } from "./connection-registry.js";
export { describeRequest } from "./describe-request.js";
export { DnsServers } from "./dns-servers.js";
export { readEnds } from "./stroke-end.js";
export type { AddConnFields, StrokeEnd } from "./stroke-end.js";
export { orderEnds } from "./swap-ends.js";
export type { Ends } from "./swap-ends.js";
