import aes from "@cygnet/plugin-aes";
import cmac from "@cygnet/plugin-cmac";
import curve25519 from "@cygnet/plugin-curve25519";
import des from "@cygnet/plugin-des";
import gcm from "@cygnet/plugin-gcm";
import gmp from "@cygnet/plugin-gmp";
import hmac from "@cygnet/plugin-hmac";
import md5 from "@cygnet/plugin-md5";
import openssl from "@cygnet/plugin-openssl";
import random from "@cygnet/plugin-random";
import sha1 from "@cygnet/plugin-sha1";
import sha2 from "@cygnet/plugin-sha2";
import xcbc from "@cygnet/plugin-xcbc";
import type { OptionTable, Plugin } from "@cygnet/plugin-api";
import { RecordingRegistry, registerAll } from "@cygnet/plugin-testkit/crypto";

/** Each after what it depends on. */
const PLUGINS = [random, sha1, sha2, md5, aes, des, hmac, cmac, xcbc, gcm, openssl, curve25519, gmp];

/** Everything that the plugins provide, each provider of an algorithm by itself. */
export function allProviders(): RecordingRegistry {
  const registry = new RecordingRegistry();
  for (const plugin of PLUGINS) registerAll(plugin as unknown as Plugin<OptionTable>, {}, registry);
  return registry;
}
