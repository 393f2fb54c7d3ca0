import { ChildSaState } from "@cygnet/plugin-api";
import type { ChildSaStatus, KernelMark } from "@cygnet/plugin-api";
import type { MessageWriter } from "@cygnet/vici";
import { spiText } from "@cygnet/wire";
import { writeAlgorithms } from "./algorithms.js";

const PROTOCOL_AH = 2;
/** States in which it has, or just had, SAs in the kernel. */
const WITH_SAS: ReadonlySet<ChildSaState> = new Set([
  ChildSaState.INSTALLED,
  ChildSaState.REKEYING,
  ChildSaState.REKEYED,
  ChildSaState.DELETING,
  ChildSaState.DELETED,
]);

/** Writes what is known of a CHILD_SA into the section that is open. The order is strongSwan's. */
export function writeChildSa(writer: MessageWriter, child: ChildSaStatus): void {
  writer
    .value("name", child.name)
    .value("uniqueid", child.uniqueId)
    .value("reqid", child.reqid)
    .value("state", ChildSaState[child.state])
    .value("mode", modeName(child.mode, child.proxyMode));
  writeLabel(writer, child.label);
  if (WITH_SAS.has(child.state)) writeSas(writer, child);
  writer.list("local-ts", selectors(child.localTs)).list("remote-ts", selectors(child.remoteTs));
}

/** The octets of a security label, if there is one. */
export function writeLabel(writer: MessageWriter, label: string | undefined): void {
  if (label !== undefined) writer.value("label", `${Buffer.from(label).toString("hex")}00`);
}

/** `TUNNEL`, `TRANSPORT`, `TRANSPORT_PROXY`, `PASS`. */
export function modeName(mode: ChildSaStatus["mode"], isProxy: boolean): string {
  return `${mode.toUpperCase()}${isProxy ? "_PROXY" : ""}`;
}

/** `10.1.0.0/24 10.2.0.0/24` as a list. */
export const selectors = (text: string): string[] => text.split(" ").filter((each) => each !== "");

function writeSas(writer: MessageWriter, child: ChildSaStatus): void {
  const time = (name: string, seconds: number | undefined): void => void (seconds !== undefined && writer.value(name, seconds));
  writer.value("protocol", child.protocol === PROTOCOL_AH ? "AH" : "ESP");
  if (child.udpEncap) writer.value("encap", true);
  writer.value("spi-in", spiText(child.spiIn)).value("spi-out", spiText(child.spiOut));
  if (child.cpiIn !== 0) writer.value("cpi-in", hex(child.cpiIn, 4));
  if (child.cpiOut !== 0) writer.value("cpi-out", hex(child.cpiOut, 4));
  writeMark(writer, "in", child.markIn);
  writeMark(writer, "out", child.markOut);
  if (child.ifIdIn !== 0) writer.value("if-id-in", hex(child.ifIdIn, 8));
  if (child.ifIdOut !== 0) writer.value("if-id-out", hex(child.ifIdOut, 8));
  if (child.algorithms) writeAlgorithms(writer, child.algorithms);
  writer.value("bytes-in", child.bytesIn).value("packets-in", child.packetsIn);
  if (child.packetsIn > 0) time("use-in", child.idleInSeconds);
  writer.value("bytes-out", child.bytesOut).value("packets-out", child.packetsOut);
  if (child.packetsOut > 0) time("use-out", child.idleOutSeconds);
  time("rekey-time", child.rekeySeconds);
  time("life-time", child.expireSeconds);
  time("install-time", child.installedSeconds);
}

function writeMark(writer: MessageWriter, direction: "in" | "out", { value, mask }: KernelMark): void {
  if (mask === 0) return;
  writer.value(`mark-${direction}`, hex(value, 8));
  if (mask !== 0xffffffff) writer.value(`mark-mask-${direction}`, hex(mask, 8));
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
