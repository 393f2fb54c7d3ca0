export { writeChildSa, modeName, selectors, writeLabel } from "./child-sa.js";
export { writeConnection } from "./connection.js";
export { logText, sectionName } from "./fitting.js";
export { writeIkeSa } from "./ike-sa.js";
