import { expect, it } from "vitest";
import { COMMANDS } from "../src/commands.js";

it("every command's options have letters and names of their own", () => {
  for (const { options } of COMMANDS) {
    const letters = options.flatMap(({ letter }) => (letter === "" ? [] : [letter]));
    expect(new Set(letters).size).toBe(letters.length);
    expect(new Set(options.map(({ name }) => name)).size).toBe(options.length);
  }
});
