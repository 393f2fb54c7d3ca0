/**
 * The command `cygnet load-test`, and its parts for other measurements: two daemons of which one sets up IKE_SAs with the other, what they
 * report, and what they use.
 *
 * @packageDocumentation
 */
export { askStroke } from "./ask-stroke.js";
export { DaemonPair, loopback, spawnDaemon } from "./daemon-pair.js";
export type { RunningDaemon, Stage, Usages } from "./daemon-pair.js";
export { DaemonProcess, DaemonStartError, cygnetCommand } from "./daemon-process.js";
export type { DaemonEnd } from "./daemon-process.js";
export { LOADED_PLUGINS, daemonSettings, sidePaths } from "./daemon-settings.js";
export type { Addresses, Side } from "./daemon-settings.js";
export { droppedOf, outcomeOf } from "./figures.js";
export type { Statuses } from "./figures.js";
export { freePorts } from "./free-ports.js";
export { parseLoadTestArguments } from "./load-test-arguments.js";
export type { LoadTestArguments } from "./load-test-arguments.js";
export { loadTestCommand } from "./load-test-command.js";
export type { LoadTestStatus } from "@cygnet/plugin-load-tester";
export { LoadTesterClient, LoadTesterError } from "./load-tester-client.js";
export { processUsage } from "./process-usage.js";
export type { ProcessUsage } from "./process-usage.js";
export { readStatus } from "./read-status.js";
export type { Outcome, SideUsage, Summary } from "./summary.js";
