import { flag, text, u16, int } from "@cygnet/plugin-api";
import type { OptionTable } from "@cygnet/plugin-api";
import { ikeOptions } from "@cygnet/ike";
import {
  FILELOG_OPTIONS,
  LOG_GROUP_OPTIONS,
  MODULAR_OPTIONS,
  PROCESSOR_OPTIONS,
  SYSLOG_IDENTIFIER_OPTIONS,
  SYSLOG_OPTIONS,
} from "@cygnet/runtime";
import type { OptionGroup } from "@cygnet/runtime";

/** Options of `charon` that the composition itself reads. */
export const daemonOptions = {
  load: text(
    undefined,
    "Plugins to load, in order, separated by blanks; a trailing ! makes one critical. Empty: the built-in list.",
  ),
  port: u16(500, "UDP port for IKE; 0 lets the kernel choose."),
  port_nat_t: u16(4500, "UDP port for IKE and ESP behind NAT; 0 lets the kernel choose."),
  max_packet: int(10000, "Largest accepted UDP datagram, in octets.", { min: 28 }),
  user: text(undefined, "User that owns the control sockets."),
  group: text(undefined, "Group that owns the control sockets."),
  "crypto_test.required": flag(false, "Refuse algorithms that no test vector exists for."),
} satisfies OptionTable;

/** All options of the daemon that are no plugin's, for checks and `docs/options.md`. */
export const charonGroups: readonly OptionGroup[] = [
  { section: "charon", options: { ...daemonOptions, ...MODULAR_OPTIONS, ...PROCESSOR_OPTIONS, ...ikeOptions } },
  {
    section: "charon.filelog.NAME",
    description: "One section per file. NAME may also be `stdout` or `stderr`.",
    options: { ...FILELOG_OPTIONS, ...LOG_GROUP_OPTIONS },
  },
  { section: "charon.syslog", options: SYSLOG_IDENTIFIER_OPTIONS },
  {
    section: "charon.syslog.FACILITY",
    description: "One section per facility, such as `daemon` and `auth`.",
    options: { ...SYSLOG_OPTIONS, ...LOG_GROUP_OPTIONS },
  },
];
