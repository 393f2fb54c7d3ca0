import { linkTopic } from "@cygnet/plugin-api";
import type { IkeSaStatus } from "@cygnet/plugin-api";
import { childSaLines } from "./child-sa-lines.js";
import { ikeSaLines } from "./ike-sa-lines.js";

/** Of which IKE_SAs and CHILD_SAs `status` tells, and how much. */
export interface StatusForm {
  /** Null for all of them. */
  readonly name: string | null;
  /** As `statusall`. */
  readonly all: boolean;
}

/** What `status` prints of IKE_SAs is made on their shards. */
export const STATUS_TEXT = linkTopic<StatusForm, string>("stroke.status");

/** An IKE_SA with those of its CHILD_SAs that have the name; nothing where neither has it. */
export function statusText(ikeSa: IkeSaStatus, { name, all }: StatusForm): string {
  const children = name === null ? ikeSa.children : ikeSa.children.filter((child) => child.name === name);
  if (name !== null && ikeSa.name !== name && children.length === 0) return "";
  let text = "";
  for (const line of ikeSaLines(ikeSa, all)) text += `${line}\n`;
  for (const child of children) for (const line of childSaLines(child, all)) text += `${line}\n`;
  return text;
}
