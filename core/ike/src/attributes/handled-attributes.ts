import type { Attribute, AttributeHandler } from "@cygnet/plugin-api";
import { bytesEqual } from "../identity/text.js";

interface Handled {
  readonly attribute: Attribute;
  readonly handler: AttributeHandler;
}

/** Which handler took which attribute of which IKE_SA, so that the same one releases it. */
export class HandledAttributes {
  readonly #byIkeSa = new Map<number, Handled[]>();

  /** @param attribute is kept */
  add(ikeSaId: number, attribute: Attribute, handler: AttributeHandler): void {
    const handled = this.#byIkeSa.get(ikeSaId);
    if (handled) handled.push({ attribute, handler });
    else this.#byIkeSa.set(ikeSaId, [{ attribute, handler }]);
  }

  /** Forgets an attribute. @returns who took it, undefined when nobody did */
  remove(ikeSaId: number, { type, value }: Attribute): AttributeHandler | undefined {
    const handled = this.#byIkeSa.get(ikeSaId);
    const at = handled?.findIndex(({ attribute }) => attribute.type === type && bytesEqual(attribute.value, value)) ?? -1;
    if (!handled || at < 0) return undefined;
    const [found] = handled.splice(at, 1);
    if (handled.length === 0) this.#byIkeSa.delete(ikeSaId);
    return found!.handler;
  }
}
