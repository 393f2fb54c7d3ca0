import { PluginError } from "@cygnet/plugin-api";
import type { PluginContext } from "@cygnet/plugin-api";
import type { SpiRange } from "./xfrm/xfrm-sas.js";
import { CHARON_OPTIONS } from "./options.js";

type Settings = PluginContext["charon"];

const PLUGIN = "kernel-netlink";
const FIRST_SPI = 0xc000_0000n;
const LAST_SPI = 0xcfff_ffffn;

/** What the plugin reads of the section `charon`. */
export interface CharonValues {
  readonly ignoredTables: readonly number[];
  readonly installRoutes: boolean;
  readonly preferTemporary: boolean;
  readonly processRoute: boolean;
  readonly table: number;
  readonly tablePriority: number;
  readonly spis: SpiRange;
  /** The lowest reqid that is drawn. */
  readonly reqidBase: number;
  readonly isInterfaceUsable: (name: string) => boolean;
}

/** The core has checked the options that are its own. @throws {PluginError} CYG_KERNEL_OPTION for one that cannot be used */
export function readCharon(charon: Settings): CharonValues {
  const use = words(charon.getString("interfaces_use", ""));
  const ignore = words(charon.getString("interfaces_ignore", ""));
  const yes = (key: keyof typeof CHARON_OPTIONS): boolean => charon.getBool(key, CHARON_OPTIONS[key].default === true);
  return {
    ignoredTables: words(charon.getString("ignore_routing_tables", "")).map((word) =>
      table("ignore_routing_tables", Number(word)),
    ),
    installRoutes: yes("install_routes"),
    preferTemporary: yes("prefer_temporary_addrs"),
    processRoute: yes("process_route"),
    table: table("routing_table", charon.getInt("routing_table", CHARON_OPTIONS.routing_table.default)),
    tablePriority: table("routing_table_prio", charon.getInt("routing_table_prio", CHARON_OPTIONS.routing_table_prio.default)),
    spis: { min: Number(charon.getU64("spi_min", FIRST_SPI)), max: Number(charon.getU64("spi_max", LAST_SPI)) },
    reqidBase: charon.getInt("reqid_base", 1),
    isInterfaceUsable: (name) => (use.length > 0 ? use.includes(name) : !ignore.includes(name)),
  };
}

function table(key: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0x7fffffff) return value;
  throw new PluginError("CYG_KERNEL_OPTION", PLUGIN, `charon.${key}: ${value} is no number that the kernel has`);
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");
