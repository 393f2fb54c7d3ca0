import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Loads the compiled addon. `CYGNET_NATIVE` names another build (a sanitizer's, say).
 * @throws {Error} when it was not built: `npm run build` does it
 */
export function loadBinding<T>(): T {
  const path = process.env["CYGNET_NATIVE"] ?? fileURLToPath(new URL("../build/Release/cygnet.node", import.meta.url));
  return createRequire(import.meta.url)(path) as T;
}
