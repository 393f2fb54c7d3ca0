import { CryptoRegistry } from "@cygnet/plugin-api";
import type { Plugin, ServiceToken } from "@cygnet/plugin-api";
import aes from "@cygnet/plugin-aes";
import curve25519 from "@cygnet/plugin-curve25519";
import gcm from "@cygnet/plugin-gcm";
import gmp from "@cygnet/plugin-gmp";
import hmac from "@cygnet/plugin-hmac";
import md5 from "@cygnet/plugin-md5";
import nonce from "@cygnet/plugin-nonce";
import openssl from "@cygnet/plugin-openssl";
import random from "@cygnet/plugin-random";
import sha1 from "@cygnet/plugin-sha1";
import sha2 from "@cygnet/plugin-sha2";

/** The plugins that ends have their algorithms from. */
export const USUAL_ALGORITHMS: readonly Plugin[] = [random, aes, sha1, sha2, md5, hmac, gmp, curve25519, gcm, nonce, openssl];

const QUIET = { enabled: () => false, log: () => undefined };

/** Registers the algorithms of the usual plugins, without a plugin host around them. */
export function loadAlgorithms(registry: CryptoRegistry): void {
  for (const plugin of USUAL_ALGORITHMS) {
    const options = Object.fromEntries(Object.entries(plugin.options ?? {}).map(([key, option]) => [key, option.default]));
    for (const feature of plugin.features(options)) {
      const resolve = <S>(token: ServiceToken<S>): S => {
        if (token !== (CryptoRegistry as ServiceToken<unknown>)) throw new Error(`${plugin.name} asks for ${String(token)}`);
        return registry as S;
      };
      void feature.register({ plugin: plugin.name, options, charon: undefined as never, log: QUIET, resolve } as never);
    }
  }
}
