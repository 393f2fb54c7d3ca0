import type { SelectedAlgorithms } from "@cygnet/plugin-api";
import type { MessageWriter } from "@cygnet/vici";

/** Writes the algorithms of an SA; what it has not is left out. */
export function writeAlgorithms(writer: MessageWriter, algorithms: SelectedAlgorithms): void {
  const text = (name: string, value: string): void => void (value !== "" && writer.value(name, value));
  const bits = (name: string, value: number): void => void (value > 0 && writer.value(name, value));
  text("encr-alg", algorithms.encryption);
  bits("encr-keysize", algorithms.encryptionKeyBits);
  text("integ-alg", algorithms.integrity);
  bits("integ-keysize", algorithms.integrityKeyBits);
  text("prf-alg", algorithms.prf);
  text("dh-group", algorithms.keyExchange);
  algorithms.additionalKeyExchanges.forEach((name, i) => text(`ake${i + 1}`, name));
  if (algorithms.esn) writer.value("esn", 1);
}
