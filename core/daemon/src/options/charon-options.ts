import { flag, text, time, u16, int, list, optionalInt, section } from "@cygnet/plugin-api";
import type { Option, OptionTable, OptionValues } from "@cygnet/plugin-api";
import { ikeOptions } from "@cygnet/ike";
import {
  FILELOG_OPTIONS,
  LOG_GROUP_OPTIONS,
  MODULAR_OPTIONS,
  PLUGIN_ANSWER_MS,
  PROCESSOR_OPTIONS,
  SYSLOG_IDENTIFIER_OPTIONS,
  SYSLOG_OPTIONS,
} from "@cygnet/runtime";
import { optionError } from "@cygnet/runtime";
import type { OptionGroup } from "@cygnet/runtime";
import type { SettingsView } from "@cygnet/settings";
import { parseWantedCpus } from "../services/cpu-affinity.js";
import type { WantedCpus } from "../services/cpu-affinity.js";
import type { SpiRange } from "../services/negotiation-only-kernel.js";

/** More threads than this would have more to hand over than to do. */
export const MAX_SHARDS = 64;

/** The SPIs below are reserved, RFC 4303 section 2.1. */
const spi = (value: bigint, description: string): Option<bigint> => ({
  type: "u64",
  default: value,
  description,
  min: 0x100,
  max: 0xffff_ffff,
});

/** Options of `charon` that the composition itself reads. */
export const daemonOptions = {
  load: text(
    undefined,
    "Plugins to load, in order, separated by blanks; a trailing ! makes one critical. Empty: the built-in list.",
  ),
  shards: optionalInt(
    "Shards, each with a thread of its own where there is more than one. As many as there are CPUs in the affinity mask if not set, at most as many as " +
      "threads.",
    { min: 1, max: MAX_SHARDS },
  ),
  cpu_affinity: text(
    "inherit",
    "CPUs that the daemon may use: inherit leaves what it was started with, all takes all that are online, otherwise a list such as 0-3,8.",
  ),
  shard_heap: int(
    0,
    "MiB of JavaScript heap that a shard with a thread of its own may use before it is replaced; 0 leaves it to Node.js, which goes by the machine's memory.",
    { min: 32, orZero: true },
  ),
  port: u16(500, "UDP port for IKE; 0 lets the kernel choose."),
  port_nat_t: u16(4500, "UDP port for IKE and ESP behind NAT; 0 lets the kernel choose."),
  max_packet: int(10000, "Largest accepted UDP datagram, in octets.", { min: 28 }),
  plugin_timeout: time(
    PLUGIN_ANSWER_MS / 1000,
    "How long an IKE_SA waits for the answer of a plugin (a backend, an address pool, a listener that authorizes) before it goes on without it. Longer than " +
      "half_open_timeout is of no use. An option of cygnet's own.",
    { min: 1, max: 3600 },
  ),
  "host_resolver.max_threads": int(3, "Host names that are looked up at a time, each in a process of its own.", { min: 1 }),
  user: text(
    undefined,
    "User, by name or number, that the daemon runs as once its sockets are open, and that owns control sockets and log files.",
  ),
  group: text(undefined, "The same for the group; the user's own if not set."),
  interfaces_use: list([], "Interfaces to use, in place of all: messages to addresses of others are dropped."),
  interfaces_ignore: list([], "Interfaces not to use; interfaces_use makes it ineffective."),
  "crypto_test.on_add": flag(false, "Accepted without effect: algorithms are always tested when they are registered."),
  spi_min: spi(0xc000_0000n, "Lowest SPI of our inbound CHILD_SAs."),
  spi_max: spi(0xcfff_ffffn, "Highest SPI of our inbound CHILD_SAs."),
  profile: {
    ...flag(false, "Print where the time went when the daemon ends, to the log (group JOB) and to the error output."),
    reloadable: true,
  },
  "start-scripts": section("Commands that a shell runs once the daemon has started, as NAME = COMMAND; their output is logged."),
  "stop-scripts": {
    ...section("Commands that a shell runs when the daemon ends, together for at most 10 seconds."),
    reloadable: true,
  },
  ikesa_table_size: int(1, "Accepted without effect: this daemon's table of IKE_SAs has no rows."),
  ikesa_table_segments: int(1, "Accepted without effect: the table has no locks."),
  "crypto_test.required": flag(false, "Refuse algorithms that no test vector exists for."),
} satisfies OptionTable;

/** @throws {OptionError} CYG_OPTION_VALUE for an empty range */
export function spiRange({ spi_min: min, spi_max: max }: OptionValues<typeof daemonOptions>, charon: SettingsView): SpiRange {
  if (min > max) throw optionError(charon, "spi_max", `it is less than spi_min, which is ${min}`);
  return { min: Number(min), max: Number(max) };
}

/** @throws {OptionError} CYG_OPTION_VALUE for what is no list of CPUs */
export function wantedCpus({ cpu_affinity: text }: OptionValues<typeof daemonOptions>, charon: SettingsView): WantedCpus {
  const wanted = parseWantedCpus(text);
  if (wanted === undefined)
    throw optionError(charon, "cpu_affinity", `'${text}' is neither inherit, all nor a list such as 0-3,8`);
  return wanted;
}

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
