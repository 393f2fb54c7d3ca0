export { default } from "./plugin.js";
export {
  ConnectionRegistry,
  DnsServers,
  SIGKEY,
  buildConnection,
  describeRequest,
  orderEnds,
  readEnds,
} from "./definition/index.js";
export type { AddConnFields, BuiltConnection, Ends, StrokeEnd } from "./definition/index.js";
export * from "./format/index.js";
export { parseSaSpecifier } from "./commands/index.js";
export type { CommandContext, Reply, SaSpecifier } from "./commands/index.js";
export { REQUEST_LIMIT_MS } from "./request-reader.js";
export { SecretsLoader } from "./secrets-loader.js";
export { STALL_LIMIT_MS } from "./socket-reply.js";
export { SILENT_AFTER_MS, StrokeService } from "./stroke-service.js";
export type { StrokeServiceOptions } from "./stroke-service.js";
export type { StartTimer } from "./timers.js";
