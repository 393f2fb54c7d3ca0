import type { IkeSaStatus, SaSelector } from "@cygnet/plugin-api";
import { MessageWriter } from "@cygnet/vici";
import { sectionName, writeChildSa, writeIkeSa } from "../format/index.js";
import type { Command } from "./command.js";
import { readSaChoice } from "./sa-choice.js";
import type { SaChoice } from "./sa-choice.js";

/**
 * `list-sas`: one event for each IKE_SA, with those of its CHILD_SAs that are asked for, which may be none. Nothing blocks here, so `noblock`
 * makes no difference.
 */
export const listSas: Command = async (request, { controller }, client) => {
  const choice = readSaChoice(request);
  const writer = new MessageWriter();
  for await (const piece of controller.ikeSas(selectorOf({ ...choice, childId: undefined }), true)) {
    for (const ikeSa of piece) {
      if (!client.isOpen) return {};
      const children = ikeSa.children.filter(choice.isChild);
      writer.reset();
      await client.stream("list-sa", listed(writer, ikeSa, children));
    }
  }
  return {};
};

/** What the shards can tell apart by themselves; a name of a child as well would be either to them. */
export function selectorOf({ ike, ikeId, childId }: SaChoice): SaSelector {
  return {
    ...(ike !== undefined && { ikeName: ike }),
    ...(ikeId !== undefined && { ikeId }),
    ...(childId !== undefined && { childId }),
  };
}

function listed(writer: MessageWriter, ikeSa: IkeSaStatus, children: IkeSaStatus["children"]): Uint8Array {
  writer.beginSection(sectionName(ikeSa.name));
  writeIkeSa(writer, ikeSa);
  writer.beginSection("child-sas");
  for (const child of children) {
    writer.beginSection(sectionName(`${child.name}-${child.uniqueId}`));
    writeChildSa(writer, child);
    writer.endSection();
  }
  return writer.endSection().endSection().octets;
}
