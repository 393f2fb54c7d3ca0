/** Files in memory, for tests of `include` that need no file system. */

import { glob } from "../src/index.js";
import type { ReadInclude } from "../src/index.js";

/** Finds files among `files` (path to content; `undefined` for what exists but cannot be read). */
export function memoryFiles(files: Readonly<Record<string, string | undefined>>): ReadInclude {
  const paths = Object.keys(files);
  const list = (directory: string): string[] => {
    const base = directory === "." ? "" : directory.endsWith("/") ? directory : `${directory}/`;
    return [...new Set(paths.filter((path) => path.startsWith(base)).map((path) => path.slice(base.length).split("/")[0]))];
  };
  const exists = (path: string): boolean => paths.some((known) => known === path || known.startsWith(`${path}/`));
  return (pattern) => glob(pattern, { list, exists }).map((file) => ({ file, text: files[file] }));
}
