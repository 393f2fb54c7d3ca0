export { MemoryPluginSource } from "./memory-plugin-source.js";
export { MemorySink } from "./memory-sink.js";
export { VirtualClock } from "./virtual-clock.js";
