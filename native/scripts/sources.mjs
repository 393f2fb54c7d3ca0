// Prints the addon's C++ sources, one a line: every .cc below addon/.
import { readdirSync } from "node:fs";
import { join } from "node:path";

for (const entry of readdirSync("addon", { recursive: true }).sort())
  if (entry.endsWith(".cc")) console.log(join("addon", entry));
