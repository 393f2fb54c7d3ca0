import { Host } from "@cygnet/plugin-api";
import type { AttributeProvider } from "@cygnet/plugin-api";
import { describeAttributeProvider } from "../src/index.js";

/** Addresses 10.3.0.1 to 10.3.0.3, for the pool `office`, each for the peer that had it last if that is free. */
class ThreeAddresses implements AttributeProvider {
  readonly #free = ["10.3.0.1", "10.3.0.2", "10.3.0.3"];

  acquire: AttributeProvider["acquire"] = async ({ pools }, requested) => {
    await Promise.resolve();
    if (!pools.includes("office")) return undefined;
    const wanted = this.#free.indexOf(String(requested));
    const [address] = this.#free.splice(Math.max(0, wanted), 1);
    return address === undefined ? undefined : Host.of(address);
  };

  release: AttributeProvider["release"] = (_context, address) => {
    if (!/^10\.3\.0\.[123]$/.test(String(address)) || this.#free.includes(String(address))) return false;
    this.#free.push(String(address));
    return true;
  };

  attributes = () => [{ type: 3, value: Uint8Array.of(10, 3, 0, 53) }];
}

const open = () => ({ provider: new ThreeAddresses(), close: () => undefined });
describeAttributeProvider("three addresses", open, { pool: "office" });
describeAttributeProvider("attributes alone", open, {});
