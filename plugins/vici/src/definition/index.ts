export { buildConnection } from "./build-connection.js";
export { optionOf } from "./option-names.js";
