import {
  CryptoRegistry,
  encryptionName,
  hashName,
  integrityName,
  keyExchangeName,
  PLUGIN_API,
  prfName,
  satisfies,
  XofAlgorithm,
} from "@cygnet/plugin-api";
import type { OptionTable, OptionValues, Plugin, PluginContext, ServiceToken, Undo } from "@cygnet/plugin-api";
import { Settings } from "@cygnet/settings";
import { describe, expect, it } from "vitest";
import { describeAead } from "./aead.js";
import { describeCrypter } from "./crypter.js";
import { describeHasher } from "./hasher.js";
import { describeKeyExchange } from "./key-exchange.js";
import { describePrf } from "./prf.js";
import { RecordingRegistry } from "./recording-registry.js";
import { describeSigner } from "./signer.js";
import { describeXof } from "./xof.js";

/** What a plugin under test wrote to its log: `LIB1 text` would be `[18, 1, "text"]`. */
export type LogLines = (readonly [group: number, level: number, message: string])[];

export interface Registration {
  readonly registry: RecordingRegistry;
  readonly log: LogLines;
  /** Undoes everything in reverse order. */
  undo(): Promise<void>;
}

/** Registers all features of a plugin with these options (defaults for the rest), in a registry that may hold what it depends on. */
export function registerAll<T extends OptionTable>(
  plugin: Plugin<T>,
  options: Partial<OptionValues<T>> = {},
  registry = new RecordingRegistry(),
): Registration {
  const defaults = Object.fromEntries(Object.entries(plugin.options ?? {}).map(([key, option]) => [key, option.default]));
  const values = { ...defaults, ...options } as OptionValues<T>;
  const log: LogLines = [];
  const context: PluginContext<T> = {
    plugin: plugin.name,
    locations: ["shard"],
    options: values,
    charon: Settings.empty,
    log: { enabled: () => true, log: (...line) => void log.push(line) },
    ready: Promise.resolve(),
    resolve: <S>(token: ServiceToken<S>): S => {
      if (token !== CryptoRegistry) throw new Error("algorithms need no service but the registry");
      return registry as S;
    },
    provide: () => {
      throw new Error("algorithms are no services");
    },
  };
  const undos: Undo[] = [];
  for (const feature of plugin.features(values)) {
    const undo = feature.register(context);
    if (undo instanceof Promise) throw new Error("algorithms are registered synchronously");
    if (undo !== undefined) undos.push(undo);
  }
  return {
    registry,
    log,
    undo: async () => {
      for (const undo of undos.reverse()) await undo();
    },
  };
}

export interface CryptoPluginExpectations<T extends OptionTable> {
  /** All features by strongSwan's notation, in the plugin's order. */
  readonly features: readonly string[];
  /** `feature <- what it depends on`, for those that do. */
  readonly depends?: Readonly<Record<string, readonly string[]>>;
  /** Plugins that provide what this one depends on. */
  readonly base?: readonly Plugin[];
  readonly options?: Partial<OptionValues<T>>;
}

/** Checks the features of a plugin, and runs the suite of its contract over each algorithm that it registers. */
export function describeCryptoPlugin<T extends OptionTable>(plugin: Plugin<T>, expected: CryptoPluginExpectations<T>): void {
  const base = new RecordingRegistry();
  for (const needed of expected.base ?? []) registerAll(needed, {}, base);
  const before = base.size;
  const { registry, undo } = registerAll(plugin, expected.options, base);
  const own = <E extends { plugin: string }>(entries: readonly E[]): E[] =>
    entries.filter((entry) => entry.plugin === plugin.name);

  describe(`plugin ${plugin.name}`, () => {
    const defaults = Object.fromEntries(Object.entries(plugin.options ?? {}).map(([key, option]) => [key, option.default]));
    const features = plugin.features({ ...defaults, ...expected.options } as OptionValues<T>);

    it("provides its features in order, with their dependencies", () => {
      expect(String(plugin.api).split(".")[0]).toBe(String(PLUGIN_API));
      expect(features.map((feature) => String(feature.provides))).toEqual(expected.features);
      const depends = features.filter((feature) => (feature.depends ?? []).length > 0);
      expect(
        Object.fromEntries(depends.map((feature) => [String(feature.provides), (feature.depends ?? []).map(String)])),
      ).toEqual(expected.depends ?? {});
    });

    it("depends on nothing that its base does not provide", () => {
      const provided = (expected.base ?? []).flatMap((needed) => needed.features({}).map((feature) => feature.provides));
      for (const feature of features) {
        for (const needed of feature.depends ?? []) {
          expect(
            provided.some((candidate) => satisfies(candidate, needed)),
            String(needed),
          ).toBe(true);
        }
      }
    });

    for (const { id, algorithm } of own(registry.hashers)) describeHasher(`HASHER:${hashName(id)}`, algorithm, id);
    for (const { id, algorithm } of own(registry.prfs)) describePrf(`PRF:${prfName(id)}`, algorithm, id);
    for (const { id, algorithm } of own(registry.signers)) describeSigner(`SIGNER:${integrityName(id)}`, algorithm, id);
    for (const { id, keyBytes, algorithm } of own(registry.crypters)) {
      describeCrypter(`CRYPTER:${encryptionName(id)}-${keyBytes}`, algorithm, id, keyBytes);
    }
    for (const { id, keyBytes, algorithm } of own(registry.aeads)) {
      describeAead(`AEAD:${encryptionName(id)}-${keyBytes}`, algorithm, id, keyBytes);
    }
    for (const { id, algorithm } of own(registry.keyExchanges)) {
      const hook = (algorithm as { publicOf?: (privateValue: Uint8Array, publicValue: Uint8Array) => void }).publicOf;
      describeKeyExchange(`KE:${keyExchangeName(id)}`, algorithm, id, hook?.bind(algorithm));
    }

    for (const { id, algorithm } of own(registry.xofs)) describeXof(`XOF:${XofAlgorithm[id]}`, algorithm, id);

    it("leaves nothing behind when it is unloaded", async () => {
      await undo();
      expect(registry.size).toBe(before);
    });
  });
}
