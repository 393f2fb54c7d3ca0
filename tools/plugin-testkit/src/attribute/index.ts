/** The conformance suite for plugins that add an `AttributeProvider`. */
export { describeAttributeProvider } from "./attribute-provider.js";
export type { ProviderAbilities, ProviderUnderTest } from "./attribute-provider.js";
