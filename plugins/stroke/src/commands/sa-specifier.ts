import { ChildSaState, IkeSaState, LogGroup } from "@cygnet/plugin-api";
import type { ChildSaStatus, Controller, IkeSaStatus, SaSelector } from "@cygnet/plugin-api";
import type { CommandContext } from "./command.js";

/** Which SAs `down` and `rekey` are for. */
export interface SaSpecifier {
  readonly kind: "ike" | "child";
  readonly name: string;
  /** The SA of this number, whatever its name; undefined selects by name. */
  readonly id: number | undefined;
  /** All of this name, not only the first. */
  readonly all: boolean;
}

/** The SAs found, by unique id. */
export interface SelectedSas {
  readonly kind: SaSpecifier["kind"];
  readonly ids: readonly number[];
}

const MAX_ID = 0xffffffff;

/** Reads `name`, `name[]`, `name[*]`, `name[N]` for IKE_SAs, with braces for CHILD_SAs. @returns undefined when it is none of these */
export function parseSaSpecifier(text: string): SaSpecifier | undefined {
  const match = /^(.*?)(?:\[([^[\]]*)\]|\{([^{}]*)\})$/s.exec(text);
  if (!match) return /[\]}]$/.test(text) ? undefined : { kind: "ike", name: text, id: undefined, all: false };
  const kind = match[2] === undefined ? "child" : "ike";
  const [, name, ikePart, childPart] = match;
  const which = ikePart ?? childPart;
  if (which === "" || which === "*") return { kind, name, id: undefined, all: which === "*" };
  const id = /^\d{1,10}$/.test(which) ? Number(which) : 0;
  return id === 0 || id > MAX_ID ? undefined : { kind, name, id, all: false };
}

/** The SAs that a specifier stands for; that it is none, or finds none, is logged. */
export async function selectSas(text: string, { controller, log }: CommandContext): Promise<SelectedSas> {
  const specifier = parseSaSpecifier(text);
  if (!specifier) {
    log.log(LogGroup.CFG, 1, "error parsing specifier string");
    return { kind: "ike", ids: [] };
  }
  const { kind, name, id, all } = specifier;
  if (id !== undefined) return { kind, ids: [id] };
  const ids: number[] = [];
  // Replaced SAs linger under the same name; a command for one SA means the one in use.
  let inUse: number | undefined;
  for await (const ikeSa of ikeSas(controller, kind === "ike" ? { ikeName: name } : { childName: name })) {
    const children = ikeSa.children.filter((child) => child.name === name);
    for (const { uniqueId } of kind === "ike" ? [ikeSa] : children) ids.push(uniqueId);
    const live = kind === "child" ? children.find((child) => !isChildSaGoing(child)) : isIkeSaGoing(ikeSa) ? undefined : ikeSa;
    inUse ??= live?.uniqueId;
    if (!all && inUse !== undefined) break;
  }
  if (ids.length === 0) log.log(LogGroup.CFG, 1, `no ${kind === "ike" ? "IKE_SA" : "CHILD_SA"} named '${name}' found`);
  return { kind, ids: all ? ids : inUse === undefined ? ids.slice(0, 1) : [inUse] };
}

async function* ikeSas(controller: Controller, selector: SaSelector): AsyncGenerator<IkeSaStatus> {
  for await (const piece of controller.ikeSas(selector, false)) yield* piece;
}

function isIkeSaGoing({ state }: IkeSaStatus): boolean {
  return state === IkeSaState.REKEYED || state === IkeSaState.DELETING || state === IkeSaState.DESTROYING;
}

function isChildSaGoing({ state }: ChildSaStatus): boolean {
  return (
    state === ChildSaState.REKEYED ||
    state === ChildSaState.DELETING ||
    state === ChildSaState.DELETED ||
    state === ChildSaState.DESTROYING
  );
}
