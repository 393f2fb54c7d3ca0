/**
 * `cygnet plugins`: what is installed, loaded and failed, what a configuration would load, and switching plugins on and off.
 *
 * @packageDocumentation
 */
export { pluginsCommand } from "./plugins-command.js";
