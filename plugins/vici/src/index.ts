export { CommandFailed } from "./command-failed.js";
export { COMMANDS } from "./commands/index.js";
export { buildConnection, settingsWithoutEffect } from "./definition/index.js";
export { EVENTS } from "./server/event-names.js";
export { FULL_BYTES, MAX_UNREAD_BYTES, MAX_UNREAD_LOG_BYTES } from "./server/vici-connection.js";
export { default } from "./plugin.js";
