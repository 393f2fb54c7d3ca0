import { formatAddress, LogGroup } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, AttributeHandler, Logger } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";
import type { DnsInstaller } from "./dns-installer.js";

/**
 * Has the system use the DNS servers that peers assign. A server that several peers assign is installed once, and removed with the last.
 *
 * Changes are made one after the other, in the order they were asked for; none of them holds up anything but the IKE_SA that it is for.
 */
export class DnsHandler implements AttributeHandler {
  readonly requests = [ConfigAttributeType.INTERNAL_IP4_DNS, ConfigAttributeType.INTERNAL_IP6_DNS];
  readonly #installer: DnsInstaller;
  readonly #log: Logger;
  /** How often each server in use was assigned, the oldest first. */
  readonly #users = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(installer: DnsInstaller, log: Logger) {
    this.#installer = installer;
    this.#log = log;
  }

  handle(_context: AttributeContext, attribute: Attribute): boolean | Promise<boolean> {
    const server = serverOf(attribute);
    return server === undefined ? false : this.#inOrder(() => this.#add(server));
  }

  release(_context: AttributeContext, attribute: Attribute): Promise<void> {
    const server = serverOf(attribute);
    return server === undefined ? Promise.resolve() : this.#inOrder(() => this.#drop(server));
  }

  /** Removes what is still installed, once all earlier changes are made. */
  close(): Promise<void> {
    return this.#inOrder(async () => {
      for (const server of [...this.#users.keys()]) {
        this.#users.set(server, 1);
        await this.#drop(server);
      }
    });
  }

  async #add(server: string): Promise<boolean> {
    const users = this.#users.get(server);
    if (users !== undefined) {
      this.#users.set(server, users + 1);
      return true;
    }
    this.#log.log(LogGroup.IKE, 1, `installing DNS server ${server} ${this.#installer.installingTo}`);
    try {
      await this.#installer.install(server, [server, ...this.#newestFirst()]);
    } catch (error) {
      this.#log.log(LogGroup.IKE, 1, `adding DNS server failed: ${reason(error)}`);
      return false;
    }
    this.#users.set(server, 1);
    return true;
  }

  async #drop(server: string): Promise<void> {
    const users = this.#users.get(server);
    if (users === undefined) return;
    if (users > 1) {
      this.#users.set(server, users - 1);
      return;
    }
    this.#users.delete(server);
    this.#log.log(LogGroup.IKE, 1, `removing DNS server ${server} ${this.#installer.removingFrom}`);
    try {
      await this.#installer.remove(server, this.#newestFirst());
    } catch (error) {
      this.#log.log(LogGroup.IKE, 1, `removing DNS server failed: ${reason(error)}`);
    }
  }

  #newestFirst(): string[] {
    return [...this.#users.keys()].reverse();
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function serverOf({ type, value }: Attribute): string | undefined {
  const size = type === ConfigAttributeType.INTERNAL_IP4_DNS ? 4 : type === ConfigAttributeType.INTERNAL_IP6_DNS ? 16 : undefined;
  // All zeros is no server but a way to say "none".
  return value.length === size && value.some((octet) => octet !== 0) ? formatAddress(value) : undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
