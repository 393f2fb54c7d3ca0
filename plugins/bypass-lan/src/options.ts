import { text } from "@cygnet/plugin-api";

/** Options of `charon.plugins.bypass-lan`. */
export const BYPASS_LAN_OPTIONS = {
  interfaces_ignore: text(
    "",
    "Interfaces whose networks go into tunnels as others do, where interfaces_use names none; separated by commas.",
    { reloadable: true },
  ),
  interfaces_use: text("", "The only interfaces whose networks stay out of tunnels; separated by commas.", { reloadable: true }),
} as const;
