import { RngQuality, custom, definePlugin, hasher, nonceGen, rng } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
import { HashAlgorithm } from "@cygnet/wire";

/** What the core does when its features come up, in this order, and how each is undone. */
export interface CoreFeatures {
  /** All that the core needs is there: definitions may be compiled, IKE_SAs made. */
  readonly ready: () => void;
  /** Begins to receive. @returns what stops it */
  readonly receive: () => () => Promise<void>;
}

/**
 * The daemon's own features under strongSwan's name for them, `charon`: loaded first and critical, so that a start without sockets, nonces or
 * hashes is refused with the names of what is missing. A kernel is wanted but not insisted upon; see `NegotiationOnlyKernel`.
 */
export function builtInPlugin(core: CoreFeatures): Plugin {
  const sha1 = hasher(HashAlgorithm.SHA1);
  return definePlugin({
    name: "charon",
    api: 1,
    features: () => [
      {
        provides: custom("libcharon"),
        depends: [nonceGen(), custom("libcharon-sa-managers"), custom("libcharon-receiver")],
        softDepends: [custom("kernel-ipsec"), custom("kernel-net")],
        register: () => core.ready(),
      },
      {
        provides: custom("libcharon-receiver"),
        depends: [sha1, rng(RngQuality.STRONG), custom("socket")],
        // Its undo ends the IKE_SAs, whose SAs the kernel has to give up: that must still be there.
        softDepends: [custom("kernel-ipsec"), custom("kernel-net")],
        register: () => core.receive(),
      },
      {
        provides: custom("libcharon-sa-managers"),
        depends: [sha1, rng(RngQuality.WEAK)],
        register: () => undefined,
      },
    ],
  });
}
