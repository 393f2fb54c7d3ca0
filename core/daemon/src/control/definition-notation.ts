import { DefinitionError } from "@cygnet/plugin-api";
import type { DefinitionNotation } from "@cygnet/plugin-api";
import { Identification, TrafficSelector } from "@cygnet/ike";

/** Prints texts of definitions in their canonical form; what cannot be read is printed as it is. */
export const notation: DefinitionNotation = {
  identity(text) {
    try {
      return String(Identification.parse(text));
    } catch (error) {
      if (error instanceof DefinitionError) return text;
      throw error;
    }
  },
  selector: (text) => String(TrafficSelector.parse(text) ?? text),
};
