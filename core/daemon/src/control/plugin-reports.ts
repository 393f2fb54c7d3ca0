import type { FeatureReport, PluginReport } from "@cygnet/plugin-api";

/**
 * One report of what control and the shards say. Control takes features of the shards for loaded where they can be; whether they are, the
 * shards know.
 */
export function combineReports(
  control: readonly PluginReport[],
  shards: readonly (readonly PluginReport[])[],
): readonly PluginReport[] {
  return control.map((plugin) => {
    const features = plugin.features.map((feature, at) => {
      const found = shards.map((reports) => reports.find(({ name }) => name === plugin.name)?.features[at]);
      return combineFeature(feature, found);
    });
    const loaded = features.some((feature) => feature.loaded);
    return {
      ...plugin,
      features,
      loaded,
      ...(plugin.loaded && !loaded && { reason: "none of its features is loaded" }),
    };
  });
}

function combineFeature(own: FeatureReport, others: readonly (FeatureReport | undefined)[]): FeatureReport {
  if (!own.loaded) return own;
  const failed = others.findIndex((other) => other?.feature === own.feature && !other.loaded);
  if (failed < 0) return own;
  return { ...own, loaded: false, reason: `on shard ${failed}: ${others[failed]?.reason ?? "not loaded"}` };
}
