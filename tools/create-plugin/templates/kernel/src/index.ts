import { KernelManager, custom, definePlugin } from "@cygnet/plugin-api";
import { LoggingKernel } from "./logging-kernel.js";

/** An IPsec stack that writes down what the daemon asks of it, in place of carrying packets. Where a stack of your own begins. */
export default definePlugin({
  name: "acme",
  api: "API_VERSION",
  features: () => [
    {
      provides: custom("kernel-ipsec"),
      // Each thread with IKE_SAs speaks to the stack for itself. The first kernel in `load` is the one that is used.
      register: ({ log, resolve }) => resolve(KernelManager).addIpsec(new LoggingKernel(log)),
    },
  ],
});
