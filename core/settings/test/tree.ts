/** Trees in the notation of the vectors: "name {}" for sections, "(refs)" for their references. */

import type { Settings } from "../src/index.js";

/** A tree as the vectors write it. */
export interface Tree {
  [name: string]: string | null | string[] | Tree;
}

/** What is written in the tree, references not followed. */
export function treeOf(settings: Settings): Tree {
  const root: Tree = {};
  const sections = new Map<string, Tree>([["[]", root]]);
  for (const node of settings.walk()) {
    const parent = sections.get(JSON.stringify(node.path.slice(0, -1)))!;
    const name = node.path.at(-1)!;
    if (node.kind === "key") {
      parent[name] = node.value!;
      continue;
    }
    const section: Tree = node.references!.length > 0 ? { "(refs)": [...node.references!] } : {};
    parent[`${name} {}`] = section;
    sections.set(JSON.stringify(node.path), section);
  }
  return root;
}
