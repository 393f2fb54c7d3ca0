export { createEspPolicies, createEspSa, EspAction } from "./esp-binding.js";
export type {
  EspCounters,
  EspEndpoint,
  EspEngineOptions,
  EspEvent,
  EspPolicies,
  EspPolicy,
  EspRange,
  EspSa,
  EspSaOptions,
  EspSaUse,
} from "./esp-binding.js";
export { EspEngine } from "./esp-engine.js";
export type { EspLifetime } from "./esp-engine.js";
