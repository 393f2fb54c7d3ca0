import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import type { StrokeFields, StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext } from "./command.js";

/** The `ca` sections of ipsec.conf, which get a meaning with certificates. */
export class CaSections {
  readonly #sections = new Map<string, StrokeFields<StrokeMessageType.ADD_CA>>();

  constructor(private readonly log: Logger) {}

  add(name: string, section: StrokeFields<StrokeMessageType.ADD_CA>): void {
    this.#sections.set(name, section);
    this.log.log(LogGroup.CFG, 1, `ca '${name}' kept, but CA sections have no effect before certificates are supported`);
  }

  remove(name: string): void {
    if (!this.#sections.delete(name)) this.log.log(LogGroup.CFG, 1, `no ca named '${name}' found`);
  }

  /** Names in the order they were added. */
  names(): readonly string[] {
    return [...this.#sections.keys()];
  }
}

/** starter's `ca` sections. */
export function addCa({ fields }: StrokeMessage<StrokeMessageType.ADD_CA>, { caSections, log }: CommandContext): void {
  const name = fields.name ?? "";
  log.log(LogGroup.CFG, 1, `received stroke: add ca '${name}'`);
  caSections.add(name, fields);
}

export function deleteCa({ fields }: StrokeMessage<StrokeMessageType.DEL_CA>, { caSections, log }: CommandContext): void {
  const name = fields.name ?? "";
  log.log(LogGroup.CFG, 1, `received stroke: delete ca '${name}'`);
  caSections.remove(name);
}
