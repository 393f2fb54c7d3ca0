export { COUNTER_NAMES } from "./counter-names.js";
export { EventCounters } from "./event-counters.js";
export { default } from "./plugin.js";
