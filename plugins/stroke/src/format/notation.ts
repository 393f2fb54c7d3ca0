import type { DefinitionNotation } from "@cygnet/plugin-api";

/** For a daemon that has no {@link DefinitionNotation}: texts as configured, but without the `@` that marks a name as one. */
export const PLAIN_NOTATION: DefinitionNotation = {
  identity: (text) => (text.startsWith("@#") ? text : text.replace(/^@@?/, "")),
  selector: (text) => text,
};
