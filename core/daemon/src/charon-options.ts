import { flag, text, u16, int } from "@cygnet/plugin-api";
import type { OptionTable } from "@cygnet/plugin-api";
import { ikeOptions } from "@cygnet/ike";
import { MODULAR_OPTIONS, PROCESSOR_OPTIONS } from "@cygnet/runtime";

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

/** All options of `charon` that are no plugin's, for `docs/options.md`. */
export const charonOptions: OptionTable = { ...daemonOptions, ...MODULAR_OPTIONS, ...PROCESSOR_OPTIONS, ...ikeOptions };
