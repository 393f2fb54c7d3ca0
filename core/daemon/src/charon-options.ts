import { flag, text, u16, int } from "@cygnet/plugin-api";
import type { OptionTable } from "@cygnet/plugin-api";
import { ikeOptions } from "@cygnet/ike";
import { PROCESSOR_OPTIONS } from "@cygnet/runtime";

/** Options of `charon` that the composition itself reads. */
export const daemonOptions = {
  load: text(
    undefined,
    "Plugins to load, in order, separated by blanks; a trailing ! makes one critical. Empty: the built-in list.",
  ),
  load_modular: flag(false, "Load the plugins whose section below charon.plugins says load = yes, or a priority."),
  port: u16(500, "UDP port for IKE; 0 lets the kernel choose."),
  port_nat_t: u16(4500, "UDP port for IKE and ESP behind NAT; 0 lets the kernel choose."),
  max_packet: int(10000, "Largest accepted UDP datagram, in octets.", { min: 576, max: 65535 }),
  "host_resolver.max_threads": int(3, "Host names that are looked up at a time, each in a process of its own.", { min: 1 }),
  user: text(undefined, "User that owns the control sockets."),
  group: text(undefined, "Group that owns the control sockets."),
  "crypto_test.required": flag(false, "Refuse algorithms that no test vector exists for."),
} satisfies OptionTable;

/** All options of `charon` that are no plugin's, for `docs/options.md`. */
export const charonOptions: OptionTable = { ...daemonOptions, ...PROCESSOR_OPTIONS, ...ikeOptions };
