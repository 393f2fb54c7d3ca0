import { custom, definePlugin, KernelManager, LogGroup, PLUGIN_API, PluginError, provideKeyExchange } from "@cygnet/plugin-api";
import type { Feature, PluginContext } from "@cygnet/plugin-api";
import { KeyExchangeMethod } from "@cygnet/wire";
import { FakeKernel } from "./fake-kernel.js";
import { LoadTest } from "./load-test.js";
import { LOAD_TESTER_OPTIONS, unsupportedOptions } from "./load-tester-options.js";
import { NullKeyExchange } from "./null-key-exchange.js";
import { PeerGenerator } from "./peer-generator.js";
import { addResponder } from "./responder.js";

type Context = PluginContext<typeof LOAD_TESTER_OPTIONS>;

const loadTester: Feature<typeof LOAD_TESTER_OPTIONS> = {
  provides: custom("load-tester"),
  on: "control",
  // Not a hard dependency as in strongSwan: the core lists addresses by itself where no plugin does.
  softDepends: [custom("kernel-net")],
  register: async (context) => {
    for (const line of unsupportedOptions(context.options)) context.log.log(LogGroup.CFG, 1, line);
    const generator = createGenerator(context);
    const removeResponder = generator && (await addResponder(generator, context.options, context));
    try {
      const stop = await new LoadTest(context, generator).start();
      return async () => {
        await stop();
        await removeResponder?.();
      };
    } catch (error) {
      await removeResponder?.();
      throw error;
    }
  },
};

const fakeKernel: Feature = {
  provides: custom("kernel-ipsec"),
  register: ({ resolve }) => resolve(KernelManager).addIpsec(new FakeKernel()),
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
    ...(fake_kernel ? [fakeKernel] : []),
  ],
});

/** Without one the plugin stays, for its other features, and says what is missing. */
function createGenerator({ log, options }: Context): PeerGenerator | undefined {
  try {
    const generator = new PeerGenerator(options);
    if (!generator.hasValidMode) log.log(LogGroup.CFG, 1, `load-tester mode '${options.mode}' is unknown, using tunnel`);
    return generator;
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    log.log(LogGroup.CFG, 1, `load-tester: ${error.message}`);
    return undefined;
  }
}
