import { CryptoRegistry, definePlugin, flag, PLUGIN_API, rng, RngQuality, text } from "@cygnet/plugin-api";
import type { Feature } from "@cygnet/plugin-api";
import { DeviceRng } from "./device-rng.js";
import { PooledRng } from "./pooled-rng.js";

const RANDOM_DEVICE = "/dev/random";
const URANDOM_DEVICE = "/dev/urandom";

/** Random numbers from the kernel, or from the devices that the options name. */
export default definePlugin({
  name: "random",
  api: PLUGIN_API,
  options: {
    random: text(
      RANDOM_DEVICE,
      "Source of true random numbers. The default stands for the kernel's generator, without a read per request.",
    ),
    urandom: text(URANDOM_DEVICE, "Source of strong random numbers. The default as above."),
    strong_equals_true: flag(false, "Take strong random numbers from the source of true ones."),
  },
  features: ({ random, urandom, strong_equals_true }) => [
    provideRngFrom(RngQuality.STRONG, strong_equals_true ? random : urandom),
    provideRngFrom(RngQuality.TRUE, random),
  ],
});

function provideRngFrom(quality: RngQuality, path: string): Feature {
  return {
    provides: rng(quality),
    on: "both",
    register: ({ plugin, resolve }) => {
      const registry = resolve(CryptoRegistry);
      if (path === RANDOM_DEVICE || path === URANDOM_DEVICE) return registry.addRng(plugin, new PooledRng(quality));
      const device = new DeviceRng(quality, path);
      const undo = registry.addRng(plugin, device);
      return () => {
        undo();
        device.close();
      };
    },
  };
}
