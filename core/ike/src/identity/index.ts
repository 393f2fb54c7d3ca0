export { Identification } from "./identification.js";
export type { Rdn, RdnMatching } from "./distinguished-name.js";
export { encodeDn, printDn } from "./distinguished-name.js";
export { MATCH_ANY, MATCH_NONE } from "./identity-matching.js";
