import { IkeSaState, formatDuration } from "@cygnet/plugin-api";
import type { IkeSaStatus } from "@cygnet/plugin-api";
import { ikeSaLabel } from "./labels.js";

/**
 * The block of an IKE_SA in `status` output, without its CHILD_SAs.
 * @param all as `statusall` prints it: with SPIs, proposal and tasks
 */
export function ikeSaLines(ikeSa: IkeSaStatus, all: boolean): string[] {
  const label = ikeSaLabel(ikeSa.name, ikeSa.uniqueId);
  const lines = [`${label}: ${state(ikeSa)}, ${ikeSa.local}[${ikeSa.localId}]...${ikeSa.remote}[${ikeSa.remoteId}]`];
  if (!all) return lines;
  if (ikeSa.remoteEapId !== undefined) {
    lines.push(`${label}: Remote ${ikeSa.version === 1 ? "XAuth" : "EAP"} identity: ${ikeSa.remoteEapId}`);
  }
  lines.push(`${label}: IKEv${ikeSa.version} SPIs: ${spis(ikeSa)}${renewal(ikeSa)}`);
  if (ikeSa.proposal !== "") lines.push(`${label}: IKE proposal: ${ikeSa.proposal}`);
  pushTasks(lines, label, "queued", ikeSa.tasksQueued);
  pushTasks(lines, label, "active", ikeSa.tasksActive);
  pushTasks(lines, label, "passive", ikeSa.tasksPassive);
  return lines;
}

function state(ikeSa: IkeSaStatus): string {
  const name = IkeSaState[ikeSa.state];
  if (ikeSa.state !== IkeSaState.ESTABLISHED || ikeSa.establishedSeconds === undefined) return name;
  return `${name} ${formatDuration(ikeSa.establishedSeconds)} ago`;
}

/** The asterisk marks our own SPI. */
function spis({ initiatorSpi, responderSpi, isInitiator }: IkeSaStatus): string {
  return isInitiator ? `${initiatorSpi}_i* ${responderSpi}_r` : `${initiatorSpi}_i ${responderSpi}_r*`;
}

function renewal(ikeSa: IkeSaStatus): string {
  if (ikeSa.state !== IkeSaState.ESTABLISHED) return "";
  let text = "";
  if (ikeSa.rekeySeconds !== undefined) text += `, rekeying in ${formatDuration(ikeSa.rekeySeconds)}`;
  if (ikeSa.reauthSeconds !== undefined) {
    text += `, ${ikeSa.reauthMethods} reauthentication in ${formatDuration(ikeSa.reauthSeconds)}`;
  }
  return text === "" ? ", rekeying disabled" : text;
}

function pushTasks(lines: string[], label: string, kind: string, tasks: readonly string[]): void {
  // Each name is followed by a blank, the last one too.
  if (tasks.length > 0) lines.push(`${label}: Tasks ${kind}: ${tasks.map((task) => `${task} `).join("")}`);
}
