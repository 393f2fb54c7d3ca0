import { LogGroup } from "@cygnet/plugin-api";
import { TrafficSelectorType } from "@cygnet/wire";
import type { TsPayload, WireTrafficSelector } from "@cygnet/wire";
import type { ChildConfig, TrafficSelector } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import { bytesEqual } from "../../identity/text.js";

/**
 * Security labels of CHILD_SAs, RFC 9478: a selector among those of TSi and the same one among those of TSr, which is not narrowed and has no
 * wildcard.
 */

const EMPTY: Uint8Array = new Uint8Array(0);

/** The most selectors of a TS payload. */
const MAX_SELECTORS = 255;

/** Selectors as they are sent, behind them the label of the configuration. */
export function labelledSelectors(selectors: readonly TrafficSelector[], { label }: ChildConfig): WireTrafficSelector[] {
  const wire = selectors.map((ts) => ts.toWire());
  if (label === undefined) return wire;
  if (wire.length === MAX_SELECTORS) wire.pop();
  const none = { protocol: 0, startPort: 0, endPort: 0, startAddress: EMPTY, endAddress: EMPTY };
  wire.push({ tsType: TrafficSelectorType.TS_SECLABEL, ...none, body: label });
  return wire;
}

/**
 * The labels that both payloads have, copied. Undefined where neither has one of any kind; none are left where they have different ones, or
 * empty ones, which stand for nothing (RFC 9478 section 2.2).
 */
export function labelsOf(tsi: TsPayload, tsr: TsPayload): readonly Uint8Array[] | undefined {
  if (!isLabelled(tsi) && !isLabelled(tsr)) return undefined;
  const theirs = labelsIn(tsr);
  return labelsIn(tsi)
    .filter((label) => theirs.some((other) => bytesEqual(label, other)))
    .map((label) => label.slice());
}

function isLabelled({ selectors }: TsPayload): boolean {
  for (const { tsType } of selectors) if (tsType === (TrafficSelectorType.TS_SECLABEL as number)) return true;
  return false;
}

const labelsIn = ({ selectors }: TsPayload): Uint8Array[] =>
  selectors.flatMap(({ tsType, body }) =>
    tsType === (TrafficSelectorType.TS_SECLABEL as number) && body && body.length > 0 ? [body] : [],
  );

/** Says which label a CHILD_SA has. */
export function logLabel({ log }: IkeContext, { label, definition }: ChildConfig): void {
  if (label !== undefined) log.log(LogGroup.CFG, 1, `selected security label: ${definition.label}`);
}
