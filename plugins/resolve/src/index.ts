export { DnsHandler } from "./dns-handler.js";
export type { DnsInstaller } from "./dns-installer.js";
export { Resolvconf } from "./resolvconf.js";
export type { ResolvconfOptions } from "./resolvconf.js";
export { ResolverFile } from "./resolver-file.js";
export { default } from "./plugin.js";
