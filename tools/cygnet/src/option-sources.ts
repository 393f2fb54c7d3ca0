import type { DescribedPlugin, OptionSources } from "@cygnet/migrate";
import { STARTER_OPTIONS } from "./ipsec/starter-options.js";

/** The option tables of the plugins that come with the command, and of `cygnet ipsec`. */
export const optionSources: OptionSources = {
  starter: STARTER_OPTIONS,
  async plugin(name) {
    if (!/^[a-z0-9-]+$/.test(name)) return undefined;
    try {
      return ((await import(`@cygnet/plugin-${name}`)) as { readonly default: DescribedPlugin }).default;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ERR_MODULE_NOT_FOUND") return undefined;
      throw error;
    }
  },
};
