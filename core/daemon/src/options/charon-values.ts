import { ikeOptions } from "@cygnet/ike";
import type { IkeOptions } from "@cygnet/ike";
import { readOptions, readReservations } from "@cygnet/runtime";
import type { OptionWarning } from "@cygnet/runtime";
import type { OptionValues, PerPriority } from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import type { WantedCpus } from "../services/cpu-affinity.js";
import type { SpiRange } from "../services/negotiation-only-kernel.js";
import type { InterfaceChoice } from "../services/usable-interfaces.js";
import { daemonOptions, spiRange, wantedCpus } from "./charon-options.js";
import { checkSpiLabel } from "./spi-label-check.js";

/** What the composition reads of the section `charon`. */
export interface CharonValues {
  readonly ike: IkeOptions;
  readonly own: OptionValues<typeof daemonOptions>;
  readonly spis: SpiRange;
  readonly interfaces: InterfaceChoice;
  readonly cpus: WantedCpus;
  /** Job slots of the whole daemon. */
  readonly threads: number;
  readonly reservations: PerPriority;
}

/**
 * @param warn gets a sentence for each value that is taken otherwise than it is written
 * @throws {OptionError} CYG_OPTION_VALUE for an unusable value
 */
export function readCharon(charon: SettingsView, warn: OptionWarning = () => undefined): CharonValues {
  const ike = readOptions(ikeOptions, charon, warn);
  const own = readOptions(daemonOptions, charon, warn);
  for (const warning of checkSpiLabel(ike, charon)) warn(warning);
  return {
    ike,
    own,
    spis: spiRange(own, charon),
    interfaces: { use: own.interfaces_use, ignore: own.interfaces_ignore },
    cpus: wantedCpus(own, charon),
    ...readReservations(charon),
  };
}
