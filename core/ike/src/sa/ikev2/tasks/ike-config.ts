import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Attribute, MaybePromise } from "@cygnet/plugin-api";
import { ConfigAttributeType, ConfigType, ExchangeType, NotifyType, PayloadType } from "@cygnet/wire";
import type { ConfigAttribute, CpPayload, Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import { installVirtualIps } from "../../../kernel/virtual-ips.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { attributeContext } from "../../upkeep.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

const EMPTY: Uint8Array = new Uint8Array(0);
const IPV6_ADDRESS_BYTES = 16;
/** Prefix length sent behind an IPv6 address: a single address. */
const IPV6_HOST_PREFIX = 128;

/**
 * Virtual IPs and other attributes, RFC 7296 section 2.19: the initiator asks with the IKE_AUTH request that makes the CHILD_SA, the
 * responder serves from the connection's pools.
 */
export class IkeConfigTask implements Task {
  readonly type = TaskType.IKE_CONFIG;
  /** As responder: the addresses asked for, unspecified ones for any of the family. */
  #requested: Host[] = [];
  /** The request was sent, or came. */
  #wasAsked = false;
  #assigned: Host[] = [];
  #served: readonly Attribute[] = [];

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {}

  build(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    if (message.exchangeType !== ExchangeType.IKE_AUTH) return "need-more";
    return message.isResponse ? this.#buildReply(message) : this.#buildRequest(message);
  }

  process(message: Message): MaybePromise<TaskOutcome> {
    if (message.header.exchangeType !== ExchangeType.IKE_AUTH) return "need-more";
    return message.header.isResponse ? this.#processReply(message) : this.#processRequest(message);
  }

  // --- initiator ---

  #buildRequest(message: OutgoingMessage): TaskOutcome {
    const { peerConfig, handshake } = this.ikeSa;
    const virtualIps = peerConfig?.virtualIps ?? [];
    if (virtualIps.length === 0) return "done";
    if (this.#wasAsked) return "need-more";
    this.#wasAsked = true;
    const former = [...handshake!.formerVirtualIps];
    const attributes: ConfigAttribute[] = virtualIps.map((host) => {
      const at = host.isAny ? former.findIndex(({ family }) => family === host.family) : -1;
      return addressAttribute(at < 0 ? host : former.splice(at, 1)[0]!);
    });
    for (const type of this.context.control.requestedAttributes) attributes.push({ type, value: EMPTY });
    message.add({ type: PayloadType.CP, cfgType: ConfigType.CFG_REQUEST, attributes });
    return "need-more";
  }

  #processReply(message: Message): MaybePromise<TaskOutcome> {
    if (!this.ikeSa.isAuthenticated) return "need-more";
    const reply = message.payload(PayloadType.CP);
    if (!reply || reply.cfgType !== ConfigType.CFG_REPLY) return "done";
    const { ikeSa, context } = this;
    const virtualIps: Host[] = [];
    const others: Attribute[] = [];
    for (const attribute of reply.attributes) {
      const host = addressOf(attribute);
      if (host && !host.isAny) virtualIps.push(host);
      else if (!host && attribute.value.length > 0) others.push({ type: attribute.type, value: attribute.value.slice() });
    }
    ikeSa.localVirtualIps = virtualIps;
    for (const host of virtualIps) context.log.log(LogGroup.IKE, 1, `installing new virtual IP ${host}`);
    if (others.length > 0) context.bus.attributes(ikeSa, others);
    const installing = installVirtualIps(context, ikeSa);
    if (installing instanceof Promise) return context.manager.whenSettled(ikeSa, installing, () => this.#handle(others, 0));
    return this.#handle(others, 0);
  }

  #handle(attributes: readonly Attribute[], from: number): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    for (let i = from; i < attributes.length; i++) {
      const attribute = attributes[i]!;
      const isHandled = context.control.handleAttribute(attributeContext(ikeSa), attribute);
      if (isHandled instanceof Promise) {
        const next = (handled: boolean): MaybePromise<TaskOutcome> => {
          this.#noteHandled(attribute, handled);
          return this.#handle(attributes, i + 1);
        };
        return context.manager.whenSettled(ikeSa, isHandled, next, {
          lost: (handled) => handled && context.control.releaseAttribute(attributeContext(ikeSa), attribute),
        });
      }
      this.#noteHandled(attribute, isHandled);
    }
    if (ikeSa.localVirtualIps.length > 0 || ikeSa.handledAttributes.length > 0) context.bus.handleVirtualIps(ikeSa, true);
    return "done";
  }

  #noteHandled(attribute: Attribute, isHandled: boolean): void {
    if (isHandled) this.ikeSa.handledAttributes = [...this.ikeSa.handledAttributes, attribute];
  }

  // --- responder ---

  #processRequest(message: Message): TaskOutcome {
    const request: CpPayload | undefined = message.payload(PayloadType.CP);
    if (request?.cfgType === ConfigType.CFG_REQUEST) {
      this.#wasAsked = true;
      this.#requested = request.attributes.map((attribute) => addressOf(attribute)).filter((host) => host !== undefined);
    }
    return "need-more";
  }

  #buildReply(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    if (!this.ikeSa.isAuthenticated) return "need-more";
    if (!this.#wasAsked || this.ikeSa.has(Condition.REDIRECTED)) return "done";
    return this.#assign(message, 0);
  }

  #assign(message: OutgoingMessage, from: number): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    for (let i = from; i < this.#requested.length; i++) {
      const wanted = this.#requested[i]!;
      context.log.log(LogGroup.IKE, 1, `peer requested virtual IP ${wanted}`);
      const address = context.control.acquireAddress(attributeContext(ikeSa), wanted);
      if (address instanceof Promise) {
        const next = (found: Host | undefined): MaybePromise<TaskOutcome> => {
          this.#noteAssigned(wanted, found);
          return this.#assign(message, i + 1);
        };
        return context.manager.whenSettled(ikeSa, address, next, {
          lost: (found) => found && context.control.releaseAddress(attributeContext(ikeSa), found),
        });
      }
      this.#noteAssigned(wanted, address);
    }
    if (this.#requested.length > 0 && this.#assigned.length === 0) {
      context.log.log(LogGroup.IKE, 1, "no virtual IP found, sending INTERNAL_ADDRESS_FAILURE");
      context.bus.alert(ikeSa, { alert: "vip-failure" });
      message.addNotify(NotifyType.INTERNAL_ADDRESS_FAILURE);
      return "done";
    }
    if (this.#assigned.length > 0) context.bus.assignVirtualIps(ikeSa, true);
    const served = context.control.attributes(attributeContext(ikeSa), this.#assigned);
    if (served instanceof Promise)
      return context.manager.whenSettled(ikeSa, served, (attributes) => this.#reply(message, attributes));
    return this.#reply(message, served);
  }

  #noteAssigned(wanted: Host, address: Host | undefined): void {
    const { log } = this.context;
    if (!address) return log.log(LogGroup.IKE, 1, `no virtual IP found for ${wanted} requested by '${this.ikeSa.remoteId}'`);
    log.log(LogGroup.IKE, 1, `assigning virtual IP ${address} to peer '${this.ikeSa.remoteId}'`);
    this.#assigned.push(address);
    // At once, so that it is given back whatever becomes of the rest. A copy of the right size stays with the IKE_SA.
    this.ikeSa.remoteVirtualIps = this.#assigned.slice();
  }

  #reply(message: OutgoingMessage, served: readonly Attribute[]): TaskOutcome {
    this.#served = served;
    const attributes: ConfigAttribute[] = this.#assigned.map((host) => addressAttribute(host));
    for (const attribute of this.#served) attributes.push(attribute);
    if (attributes.length > 0) message.add({ type: PayloadType.CP, cfgType: ConfigType.CFG_REPLY, attributes });
    return "done";
  }
}

/** INTERNAL_IP4_ADDRESS or INTERNAL_IP6_ADDRESS; empty for any address. */
function addressAttribute(host: Host): ConfigAttribute {
  const type = host.family === 4 ? ConfigAttributeType.INTERNAL_IP4_ADDRESS : ConfigAttributeType.INTERNAL_IP6_ADDRESS;
  if (host.isAny) return { type, value: EMPTY };
  if (host.family === 4) return { type, value: host.address };
  const value = new Uint8Array(IPV6_ADDRESS_BYTES + 1);
  value.set(host.address);
  value[IPV6_ADDRESS_BYTES] = IPV6_HOST_PREFIX;
  return { type, value };
}

/** The address in an attribute, undefined when it is none. The octets are copied. */
function addressOf(attribute: ConfigAttribute): Host | undefined {
  const isIpv6 = attribute.type === ConfigAttributeType.INTERNAL_IP6_ADDRESS;
  if (!isIpv6 && attribute.type !== ConfigAttributeType.INTERNAL_IP4_ADDRESS) return undefined;
  if (attribute.value.length === 0) return Host.any(isIpv6 ? 6 : 4);
  return isIpv6 ? new Host(6, attribute.value.slice(0, IPV6_ADDRESS_BYTES), 0) : new Host(4, attribute.value.slice(), 0);
}
