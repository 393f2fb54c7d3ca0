import { ControlLink, custom, definePlugin, feature, KernelManager, PLUGIN_API, provideKeyExchange } from "@cygnet/plugin-api";
import type { Feature } from "@cygnet/plugin-api";
import { KeyExchangeMethod } from "@cygnet/wire";
import { FakeKernel } from "./fake-kernel.js";
import { LoadTest } from "./load-test.js";
import { LOAD_TESTER_OPTIONS } from "./load-tester-options.js";
import { NullKeyExchange } from "./null-key-exchange.js";
import { ShardLoadTest } from "./shard-load-test.js";

const loadTester: Feature<typeof LOAD_TESTER_OPTIONS> = {
  provides: custom("load-tester"),
  on: "control",
  depends: [custom("load-tester-initiators")],
  // What certificates are made and read with; not needed for keys alone.
  softDepends: [feature("PRIVKEY", "RSA"), feature("CERT_DECODE", "X509")],
  register: async (context) => {
    const loadTest = new LoadTest(context);
    try {
      await loadTest.start();
    } catch (error) {
      await loadTest.stop();
      throw error;
    }
    return () => loadTest.stop();
  },
};

const initiators: Feature<typeof LOAD_TESTER_OPTIONS> = {
  provides: custom("load-tester-initiators"),
  // Not a hard dependency as in strongSwan: the core lists addresses by itself where no plugin does.
  softDepends: [custom("kernel-net")],
  register: (context) => new ShardLoadTest(context).start(),
};

const fakeKernel: Feature = {
  provides: custom("kernel-ipsec"),
  register: ({ resolve }) => resolve(KernelManager).addIpsec(new FakeKernel(resolve(ControlLink))),
};

/** strongSwan's `load-tester`: sets up IKE_SAs by the thousand, with a gateway or with itself. */
export default definePlugin({
  name: "load-tester",
  api: PLUGIN_API,
  options: LOAD_TESTER_OPTIONS,
  disabled: ({ enable }) => (enable ? undefined : "disabling load-tester plugin, not configured"),
  features: ({ fake_kernel }) => [
    provideKeyExchange(KeyExchangeMethod.MODP_NULL, () => new NullKeyExchange(), { depends: [custom("load-tester")] }),
    loadTester,
    initiators,
    ...(fake_kernel ? [fakeKernel] : []),
  ],
});
