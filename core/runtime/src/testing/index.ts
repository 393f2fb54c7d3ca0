export { MemoryLinks } from "./memory-links.js";
export { MemoryPluginSource } from "./memory-plugin-source.js";
export { MemorySink } from "./memory-sink.js";
export { VirtualClock } from "./virtual-clock.js";
