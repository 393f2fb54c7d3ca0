export { LatencyHistogram } from "./latency-histogram.js";
export { parseLoadTestStatus, START_REQUEST, STATUS_REQUEST } from "./load-test-status.js";
export type { JobCounts, LoadTestStatus, SetupTimes, SocketCounts } from "./load-test-status.js";
export { LOAD_TESTER_OPTIONS } from "./load-tester-options.js";
export type { LoadTesterOptions } from "./load-tester-options.js";
export { default } from "./plugin.js";
