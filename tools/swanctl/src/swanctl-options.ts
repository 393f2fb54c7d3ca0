import { text } from "@cygnet/plugin-api";
import type { OptionTable } from "@cygnet/plugin-api";
import { DEFAULT_URI } from "@cygnet/vici";

/** Options of the section `swanctl`. */
export const SWANCTL_OPTIONS = {
  socket: text(DEFAULT_URI, "The vici socket that `cygnet swanctl` connects to, unless its `--uri` names another."),
} satisfies OptionTable;
