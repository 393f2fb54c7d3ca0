import { LogGroup, definePlugin } from "@cygnet/plugin-api";
import type { Feature, FeatureRef, Plugin } from "@cygnet/plugin-api";
import { LogManager, PluginHost, createContainer } from "@cygnet/runtime";
import type { Container, PluginHostOptions } from "@cygnet/runtime";
import { MemoryPluginSource, MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { parseSettings } from "@cygnet/settings";
import type { SettingsView } from "@cygnet/settings";

/** What happened in which order. */
export type Journal = string[];

export const charonSection = (text: string): SettingsView =>
  parseSettings(`charon { ${text} }`, { file: "x.conf" }).settings.section("charon");

export function setup(
  plugins: readonly Plugin[],
  load: string,
  changes: Partial<PluginHostOptions> = {},
  others: Record<string, () => unknown> = {},
) {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink();
  log.addSink(sink);
  const container: Container = createContainer();
  const host = new PluginHost({
    locations: ["control", "shard"],
    source: new MemoryPluginSource(plugins, others),
    container,
    log,
    charon: charonSection(`load = ${load}\n`),
    timers: clock,
    ...changes,
  });
  return {
    host,
    clock,
    sink,
    container,
    log,
    lib: () => sink.messages(LogGroup.LIB),
    lib1: () => sink.messages(LogGroup.LIB, 1),
  };
}

/** A feature that writes down when it comes and goes. */
export function noted(journal: Journal, provides: FeatureRef, changes: Partial<Feature> = {}): Feature {
  return {
    provides,
    register: ({ plugin }) => {
      journal.push(`+${plugin}/${provides.toString()}`);
      return () => void journal.push(`-${plugin}/${provides.toString()}`);
    },
    ...changes,
  };
}

export const plugin = (name: string, ...features: readonly Feature[]): Plugin =>
  definePlugin({ name, api: 1, features: () => features });
