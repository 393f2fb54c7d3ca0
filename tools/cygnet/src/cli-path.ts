import { fileURLToPath } from "node:url";

/** The program that runs `cygnet` in another process: the launcher of this installation. */
export const CLI_PATH = fileURLToPath(new URL("../bin/cygnet.js", import.meta.url));
