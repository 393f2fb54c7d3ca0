import { formatDuration, formatTime } from "@cygnet/plugin-api";
import type { DaemonStatus, PoolStatus } from "@cygnet/plugin-api";

/** The machine as `uname` names it. */
export interface SystemName {
  /** `Linux` */
  readonly type: string;
  /** `6.1.0-amd64` */
  readonly release: string;
  /** `x86_64` */
  readonly machine: string;
}

/** What the head of `statusall` tells. */
export interface StatusHeader {
  readonly status: DaemonStatus;
  readonly system: SystemName;
  readonly pools: readonly PoolStatus[];
  /** The option that allows aggressive mode with pre-shared keys is on; the name of the daemon says so. */
  readonly isWeak: boolean;
  /** What plugins have to say. */
  readonly pluginLines: readonly string[];
}

/** The head of `statusall`: version, uptime, jobs, plugins, pools and addresses. */
export function statusHeader({ status, system, pools, isWeak, pluginLines }: StatusHeader): string[] {
  const { processor } = status;
  const platform = `${system.type} ${system.release}, ${system.machine}`;
  const lines = [
    `Status of IKE charon daemon (${isWeak ? "weak" : "strong"}Swan ${status.version}, ${platform}):`,
    `  uptime: ${formatDuration(status.uptimeSeconds)}, since ${formatTime(status.startedMs)}`,
    `  worker threads: ${processor.idle} of ${processor.total} idle, ${processor.working.join("/")} working, ` +
      `job queue: ${processor.queued.join("/")}, scheduled: ${processor.scheduled}`,
    `  loaded plugins: ${status.plugins.join(" ")}`,
  ];
  for (const line of pluginLines) lines.push(`  ${line}`);
  if (pools.length > 0) lines.push("Virtual IP pools (size/online/offline):");
  for (const { name, size, online, offline } of pools) lines.push(`  ${name}: ${size}/${online}/${offline}`);
  lines.push("Listening IP addresses:");
  for (const address of status.listening) lines.push(`  ${address}`);
  return lines;
}
