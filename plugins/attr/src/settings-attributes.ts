import { LogGroup, encodeAttribute, serviceToken } from "@cygnet/plugin-api";
import type { Attribute, AttributeManager, Logger, PluginContext, ServiceToken } from "@cygnet/plugin-api";
import { configAttributeTypeName } from "@cygnet/wire";

/** The `charon` section. */
type Charon = PluginContext["charon"];

/** Keys outside of the plugin's section that strongSwan has had from its early days. */
const LEGACY_KEYS = [
  ["dns1", "dns"],
  ["nbns1", "nbns"],
  ["dns2", "dns"],
  ["nbns2", "nbns"],
] as const;
/** Keys of every plugin's section that are no attributes. */
const PLUGIN_KEYS: ReadonlySet<string> = new Set(["load", "package"]);
const SECTION = ["plugins", "attr"] as const;
/** Under which name the attributes stand with the manager. */
const SOURCE = "attr";

/** Serves the attributes of strongswan.conf to every peer that gets a virtual IP. */
export class SettingsAttributes {
  readonly #manager: Pick<AttributeManager, "setAttributes">;
  readonly #log: Logger;

  constructor(manager: Pick<AttributeManager, "setAttributes">, log: Logger) {
    this.#manager = manager;
    this.#log = log;
  }

  /** Reads all attributes anew; values that cannot be used are logged with their place and left out. */
  load(charon: Charon): void {
    const attributes: Attribute[] = [];
    for (const [key, name] of LEGACY_KEYS) {
      const text = charon.getString(key);
      if (text !== undefined) this.#add(attributes, { charon, path: [key], name, text });
    }
    for (const [name, text] of charon.entries(SECTION)) {
      if (!PLUGIN_KEYS.has(name)) this.#add(attributes, { charon, path: [...SECTION, name], name, text });
    }
    // A peer without a virtual IP keeps its own network configuration.
    this.#manager.setAttributes(SOURCE, { withVirtualIp: true, attributes });
  }

  clear(): void {
    this.#manager.setAttributes(SOURCE, undefined);
  }

  #add(attributes: Attribute[], { charon, path, name, text }: SettingsEntry): void {
    for (const value of text.split(",").map((each) => each.trim())) {
      if (value === "") continue;
      const encoded = encodeAttribute(name, value);
      if ("problem" in encoded) {
        const origin = charon.origin(path);
        const place = origin && origin.line > 0 ? `${origin.file}:${origin.line}: ` : "";
        this.#log.log(LogGroup.CFG, 1, `${place}${[...charon.path, ...path].join(".")}: ${encoded.problem}, skipped`);
        continue;
      }
      attributes.push(encoded);
      if (!this.#log.enabled(LogGroup.CFG, 2)) continue;
      const octets = Array.from(encoded.value, (octet) => octet.toString(16).padStart(2, "0")).join(":");
      this.#log.log(LogGroup.CFG, 2, `loaded attribute ${configAttributeTypeName(encoded.type)}: ${octets}`);
    }
  }
}

interface SettingsEntry {
  readonly charon: Charon;
  readonly path: readonly string[];
  /** `dns`, or the number of a type. */
  readonly name: string;
  readonly text: string;
}

/** How the plugin's reload finds what its feature registered. */
export const SettingsAttributesToken: ServiceToken<SettingsAttributes> = serviceToken("plugin.attr.SettingsAttributes");
