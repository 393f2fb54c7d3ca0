import { IkeSaState } from "@cygnet/plugin-api";
import type { IkeSaStatus } from "@cygnet/plugin-api";
import type { MessageWriter } from "@cygnet/vici";
import { writeAlgorithms } from "./algorithms.js";

/** Writes what is known of an IKE_SA, without its CHILD_SAs, into the section that is open. The order is strongSwan's. */
export function writeIkeSa(writer: MessageWriter, ikeSa: IkeSaStatus): void {
  const flag = (name: string, value: boolean): void => void (value && writer.value(name, true));
  const time = (name: string, seconds: number | undefined): void => void (seconds !== undefined && writer.value(name, seconds));
  const list = (name: string, items: readonly string[]): void => void (items.length > 0 && writer.list(name, items));
  writer
    .value("uniqueid", ikeSa.uniqueId)
    .value("version", ikeSa.version)
    .value("state", IkeSaState[ikeSa.state])
    .value("local-host", ikeSa.local)
    .value("local-port", ikeSa.localPort)
    .value("local-id", ikeSa.localId)
    .value("remote-host", ikeSa.remote)
    .value("remote-port", ikeSa.remotePort)
    .value("remote-id", ikeSa.remoteId);
  if (ikeSa.remoteEapId !== undefined) writer.value(ikeSa.version === 1 ? "remote-xauth-id" : "remote-eap-id", ikeSa.remoteEapId);
  flag("initiator", ikeSa.isInitiator);
  writer.value("initiator-spi", ikeSa.initiatorSpi).value("responder-spi", ikeSa.responderSpi);
  flag("nat-local", ikeSa.natLocal);
  flag("nat-remote", ikeSa.natRemote);
  flag("nat-fake", ikeSa.natFake);
  flag("nat-any", ikeSa.natLocal || ikeSa.natRemote || ikeSa.natFake);
  if (ikeSa.algorithms) writeAlgorithms(writer, ikeSa.algorithms);
  if (ikeSa.state === IkeSaState.ESTABLISHED) {
    time("established", ikeSa.establishedSeconds);
    time("rekey-time", ikeSa.rekeySeconds);
    time("reauth-time", ikeSa.reauthSeconds);
  }
  list("local-vips", ikeSa.localVirtualIps);
  list("remote-vips", ikeSa.remoteVirtualIps);
  list("tasks-queued", ikeSa.tasksQueued);
  list("tasks-active", ikeSa.tasksActive);
  list("tasks-passive", ikeSa.tasksPassive);
}
