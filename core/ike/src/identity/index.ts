export { Identification } from "./identification.js";
export type { Rdn, RdnMatching } from "./distinguished-name.js";
export { encodeDn, printDn } from "./distinguished-name.js";
export { MATCH_ANY, MATCH_MAX_WILDCARDS, MATCH_NONE, MATCH_ONE_WILDCARD, MATCH_PERFECT } from "./identity-matching.js";
