/** The folders of all workspace packages, relative to the root; `root` is this repository by default. */
export function packageFolders(root?: string): string[];
/** A digest that changes whenever what is built from, or what was built, does. */
export function buildFingerprint(root?: string): string;
