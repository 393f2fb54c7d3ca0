export { AddressPool } from "./address-pool.js";
export type { Acquired, Acquisition } from "./address-pool.js";
export { AttributeManagerImpl } from "./attribute-manager.js";
export { parsePoolRange } from "./pool-range.js";
export type { PoolRange } from "./pool-range.js";
