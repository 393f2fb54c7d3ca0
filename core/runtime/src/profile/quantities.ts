import type { DaemonProfile, SpanProfile, ThreadProfile } from "@cygnet/plugin-api";

/** `870 us`, `12.3 ms`, `4.56 s`: three digits that count. */
export function formatUs(us: number): string {
  if (us < 999.5) return `${Math.round(us)} us`;
  return us < 999_500 ? `${threeDigits(us / 1000)} ms` : `${threeDigits(us / 1_000_000)} s`;
}

/** The same of milliseconds. */
export const formatMs = (ms: number): string => formatUs(ms * 1000);

/** `43 %`, and `0.4 %` where that would be 0. @param share 0..1 */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** `4.0 MiB`, `208 KiB` */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** How many there were at a time, on average. */
export function atATime({ totalUs, pendingUs }: SpanProfile, elapsedMs: number): number {
  return elapsedMs > 0 ? Math.max(0, totalUs + pendingUs) / (elapsedMs * 1000) : 0;
}

/** A thread by what runs on it. */
export interface NamedThread {
  readonly name: string;
  readonly profile: ThreadProfile;
  /** 0..1 */
  readonly busy: number;
}

/** The threads of a daemon; control and a shard may share one. */
export function threadsOf({ control, shards }: DaemonProfile): NamedThread[] {
  const names = new Map<number, { readonly profile: ThreadProfile; readonly names: string[] }>();
  for (const { name, thread } of [
    { name: "control", thread: control.thread },
    ...shards.map((each) => ({ name: `shard ${each.shard}`, thread: each.thread })),
  ]) {
    const known = names.get(thread.thread);
    if (known) known.names.push(name);
    else names.set(thread.thread, { profile: thread, names: [name] });
  }
  return [...names.values()].map(({ profile, names: all }) => ({
    name: all.join(", "),
    profile,
    busy: profile.elapsedMs > 0 ? profile.busyMs / profile.elapsedMs : 0,
  }));
}

const threeDigits = (value: number): string => value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
