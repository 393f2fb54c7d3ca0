export { COUNTER_NAMES } from "./counter-names.js";
export { DaemonCounters, answerFor } from "./daemon-counters.js";
export { EventCounters } from "./event-counters.js";
export { default } from "./plugin.js";
