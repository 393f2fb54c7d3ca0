/**
 * `cygnet migrate`: what a configuration of strongSwan does here, and ipsec.conf or the profile of a client as swanctl.conf.
 *
 * @packageDocumentation
 */
export { migrateCommand } from "./migrate-command.js";
export { convertConnection, poolName } from "./convert/convert-connection.js";
export type { ConvertedConnection, ConvertedPool, RefusedConnection } from "./convert/convert-connection.js";
export { convertIpsecConf } from "./convert/convert-ipsec-conf.js";
export { convertProfile } from "./convert/convert-profile.js";
export type { Conversion, ConvertedFile } from "./convert/convert-ipsec-conf.js";
export { verifyConversion } from "./convert/verify.js";
export { OptionVerdicts } from "./check/strongswan-conf.js";
export type { DescribedPlugin, OptionSources } from "./check/strongswan-conf.js";
export type { Finding, Verdict, VerdictClass } from "./check/verdict.js";
