export * from "./algorithm-names.js";
export * from "./attribute.js";
export * from "./bus.js";
export * from "./config.js";
export * from "./control-command.js";
export * from "./container.js";
export * from "./controller.js";
export * from "./counters.js";
export * from "./credential.js";
export * from "./crypto.js";
export * from "./duration.js";
export { encodeAttribute } from "./encode-attribute.js";
export type { EncodedAttribute } from "./encode-attribute.js";
export * from "./error.js";
export * from "./feature.js";
export * from "./fetcher.js";
export * from "./host.js";
export * from "./ike-sa.js";
export * from "./job.js";
export * from "./kernel.js";
export * from "./key-provider.js";
export * from "./loaded-plugins.js";
export * from "./log.js";
export * from "./message-counts.js";
export * from "./option.js";
export * from "./plugin.js";
export * from "./plugin-report.js";
export * from "./profile.js";
export * from "./provide.js";
export * from "./revocation.js";
export * from "./shard-link.js";
export * from "./socket.js";
export * from "./stream.js";
export * from "./token.js";

/** Files by an include pattern of strongSwan's configuration files, which plugins have to read as well. */
export { glob } from "@cygnet/settings";
/** Values as all of those files have them. */
export { parseBool, parseTime, parseUint64 } from "@cygnet/settings";
