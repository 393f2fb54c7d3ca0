import { ChildSaState, formatDuration } from "@cygnet/plugin-api";
import type { ChildSaStatus, InstalledPolicy } from "@cygnet/plugin-api";
import { spiText } from "@cygnet/wire";
import { alignName, childSaLabel } from "./labels.js";

const PROTOCOL_AH = 2;

/**
 * The block of a CHILD_SA in `status` output, two lines, or three with its algorithms and use.
 * @param all as `statusall` prints it
 */
export function childSaLines(child: ChildSaStatus, all: boolean): string[] {
  const label = childSaLabel(child.name, child.uniqueId);
  const lines = [`${label}:  ${headline(child)}`];
  if (all && child.state === ChildSaState.INSTALLED) lines.push(`${label}:  ${usage(child)}`);
  lines.push(`${label}:   ${child.localTs} === ${child.remoteTs}`);
  return lines;
}

/** A trap, as the CHILD_SA that it stands for. */
export function trapLines({ name, uniqueId, state, mode, reqid, localTs, remoteTs }: InstalledPolicy): string[] {
  const label = childSaLabel(name, uniqueId);
  return [`${label}:  ${ChildSaState[state]}, ${mode.toUpperCase()}, reqid ${reqid}`, `${label}:   ${localTs} === ${remoteTs}`];
}

/** `    pass-lan:  10.1.0.0/24 === 10.1.0.0/24 PASS` */
export function shuntLine({ name, mode, localTs, remoteTs }: InstalledPolicy): string {
  return `${alignName(name)}:  ${localTs} === ${remoteTs} ${mode.toUpperCase()}`;
}

function headline(child: ChildSaStatus): string {
  const start = `${ChildSaState[child.state]}, ${child.mode.toUpperCase()}, reqid ${child.reqid}`;
  if (child.state === ChildSaState.INSTALLED) return `${start}, ${spis(child)}`;
  if (child.state !== ChildSaState.REKEYING && child.state !== ChildSaState.REKEYED) return start;
  return child.expireSeconds === undefined ? start : `${start}, expires in ${formatDuration(child.expireSeconds)}`;
}

function spis(child: ChildSaStatus): string {
  const protocol = child.protocol === PROTOCOL_AH ? "AH" : "ESP";
  const text = `${protocol}${child.udpEncap ? " in UDP" : ""} SPIs: ${spiText(child.spiIn)}_i ${spiText(child.spiOut)}_o`;
  if (child.cpiIn === 0 && child.cpiOut === 0) return text;
  return `${text}, IPCOMP CPIs: ${hexCpi(child.cpiIn)}_i ${hexCpi(child.cpiOut)}_o`;
}

function usage(child: ChildSaStatus): string {
  const algorithms = child.proposal === "" ? "" : `${child.proposal}, `;
  const inbound = `${child.bytesIn} bytes_i${packets(child.packetsIn, child.idleInSeconds)}`;
  const outbound = `${child.bytesOut} bytes_o${packets(child.packetsOut, child.idleOutSeconds)}`;
  return `${algorithms}${inbound}, ${outbound}, rekeying ${rekeying(child.rekeySeconds)}`;
}

/** Nothing for a direction that was never used. */
function packets(count: number, idleSeconds: number | undefined): string {
  return idleSeconds === undefined ? "" : ` (${count} pkt${count === 1 ? "" : "s"}, ${idleSeconds}s ago)`;
}

function rekeying(seconds: number | undefined): string {
  if (seconds === undefined) return "disabled";
  return seconds > 0 ? `in ${formatDuration(seconds)}` : "active";
}

const hexCpi = (cpi: number): string => cpi.toString(16).padStart(4, "0");
