import { text } from "@cygnet/plugin-api";
import type { OptionTable } from "@cygnet/plugin-api";

/** Options of the section `starter`. */
export const STARTER_OPTIONS = {
  config_file: text("/etc/ipsec.conf", "The ipsec.conf of `cygnet ipsec start`, unless its `--conf` names another."),
} satisfies OptionTable;
