export { Iptables } from "./iptables.js";
export type { Rule } from "./iptables.js";
export { MarkedChildren } from "./marked-children.js";
export { default } from "./plugin.js";
export { rulesOf } from "./rules.js";
export type { MarkedChild } from "./rules.js";
