/** Two daemons in memory, a network between them that a test makes lossy, and a clock that a test turns. */
export { loadAlgorithms } from "./algorithms.js";
export { End } from "./end.js";
export type { EndOptions, Outcome } from "./end.js";
export { MemoryNetwork, MemorySocket } from "./memory-network.js";
export type { Fate, Flight } from "./memory-network.js";
export { Pair, usualChild } from "./pair.js";
export type { PairOptions } from "./pair.js";
export { RecordingKernel } from "./recording-kernel.js";
export { INSIDE, nat } from "./translation.js";
