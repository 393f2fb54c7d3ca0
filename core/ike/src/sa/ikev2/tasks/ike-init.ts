import { IkeSaState, LogGroup, keyExchangeName } from "@cygnet/plugin-api";
import type { Host, MaybePromise, RedirectGateway } from "@cygnet/plugin-api";
import {
  CryptoError,
  offerToWire,
  offersFromWire,
  promoteKe,
  proposalsHaveKe,
  proposalsToWire,
  selectProposal,
} from "@cygnet/crypto";
import type { IkeSuite, Proposal, ProposalSelection } from "@cygnet/crypto";
import { ExchangeType, NotifyType, PayloadType, ProtocolId, VENDOR_IDS_V2, makeNotifyPayload } from "@cygnet/wire";
import type { KePayload, Message, NoncePayload, SaPayload } from "@cygnet/wire";
import type { IkeConfig } from "../../../config/index.js";
import { equalOctets } from "../../../equal-octets.js";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { findError, keData, notifyName, requestedKe } from "../error-notify.js";
import { Handshake } from "../handshake.js";
import { KeyAgreement } from "../key-agreement.js";
import { keyWatcher } from "../key-log.js";
import { drawNonce } from "../nonces.js";
import { alertProposals } from "../mismatch.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { readRedirect, readRedirectedFrom, redirectTo, redirectedFrom } from "../redirect-notify.js";
import { selectOptions } from "../select-options.js";
import { addSignatureHashes, readSignatureHashes } from "../signature-hashes.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import { addCertificateRequest, noteCertificateRequests, usesPublicKey } from "./certificate-payloads.js";

const NO_SPI: Uint8Array = new Uint8Array(0);
const VENDOR_ID_STRONGSWAN = VENDOR_IDS_V2.find(({ name }) => name === "strongSwan")!.data;

/** Times a responder may send us back to the start with COOKIE or INVALID_KE_PAYLOAD before it is taken for broken. */
const MAX_RETRIES = 5;
/** How often of these with another SPI: each leaves a half-open IKE_SA behind at the responder, if it took the request at all. */
const MAX_NEW_SPIS = 2;

/**
 * IKE_SA_INIT, RFC 7296 section 1.2: agrees on algorithms, exchanges keys and nonces, and derives the keys of the IKE_SA. Follows a COOKIE
 * (section 2.6) and an INVALID_KE_PAYLOAD (section 1.2) with a second request.
 */
export class IkeInitTask implements Task {
  readonly type = TaskType.IKE_INIT;
  readonly #agreement: KeyAgreement;
  #cookie = NO_SPI;
  #keMethod = 0;
  #retries = 0;
  #newSpis = 0;
  #selection: ProposalSelection | undefined;
  #publicValue = NO_SPI;
  #error: { readonly notify: NotifyType; readonly data?: Uint8Array } | undefined;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {
    this.#agreement = new KeyAgreement(context);
  }

  build(message: OutgoingMessage): TaskOutcome {
    if (message.exchangeType !== ExchangeType.IKE_SA_INIT) return "done";
    return message.isResponse ? this.#buildResponse(message) : this.#buildRequest(message);
  }

  process(message: Message): MaybePromise<TaskOutcome> {
    if (message.header.exchangeType !== ExchangeType.IKE_SA_INIT) return "done";
    return message.header.isResponse ? this.#processResponse(message) : this.#processRequest(message);
  }

  abandon(): void {
    this.#agreement.wipe();
  }

  // --- initiator ---

  /**
   * Whether a response sends us back for what we have done already: it answers an earlier request, of which the network made two or we did,
   * and the answer to the one at hand is still to come.
   */
  isLate(response: Message): boolean {
    const redirect = response.notify(NotifyType.REDIRECT);
    // Anybody could send one who does not see our nonce.
    if (redirect) return !equalOctets(readRedirect(redirect.data)?.nonce ?? NO_SPI, this.ikeSa.handshake?.nonceI ?? NO_SPI);
    const cookie = response.notify(NotifyType.COOKIE);
    if (cookie) return this.#cookie.length > 0 && equalOctets(cookie.data, this.#cookie);
    const error = this.#keMethod === 0 ? undefined : findError(response);
    return error?.notifyType === NotifyType.INVALID_KE_PAYLOAD && requestedKe(error) === this.#keMethod;
  }

  #buildRequest(message: OutgoingMessage): TaskOutcome {
    const { ikeSa, context } = this;
    const { log } = context;
    const handshake = (ikeSa.handshake ??= new Handshake());
    const proposals = this.#proposals();
    log.log(LogGroup.IKE, 0, `initiating IKE_SA ${ikeSa.label} to ${ikeSa.remote}`);
    ikeSa.enter(context, IkeSaState.CONNECTING);
    const method = this.#keMethod || this.#firstSupportedKe(proposals);
    const publicValue = this.#agreement.begin(method);
    if (!publicValue) {
      log.log(LogGroup.IKE, 1, `configured key exchange method ${keyExchangeName(method)} not supported`);
      return "failed";
    }
    if (handshake.nonceI.length === 0) handshake.nonceI = drawNonce(this.context);
    if (this.#cookie.length > 0) message.addNotify(NotifyType.COOKIE, this.#cookie);
    message.add({ type: PayloadType.SA, proposals: proposalsToWire(promoteKe(proposals, method), NO_SPI) });
    message.add({ type: PayloadType.KE, method, data: publicValue });
    message.add({ type: PayloadType.NONCE, data: handshake.nonceI });
    this.#addCapabilities(message);
    return "need-more";
  }

  #processResponse(message: Message): MaybePromise<TaskOutcome> {
    const { context, ikeSa } = this;
    const { log } = context;
    const redirect = message.notify(NotifyType.REDIRECT);
    if (redirect) return this.#goTo(readRedirect(redirect.data)!.gateway);
    const error = findError(message);
    if (error?.notifyType === NotifyType.INVALID_KE_PAYLOAD) return this.#retryWithKe(requestedKe(error));
    if (error) {
      log.log(LogGroup.IKE, 1, `received ${notifyName(error.notifyType)} notify error`);
      if (error.notifyType === NotifyType.NO_PROPOSAL_CHOSEN)
        alertProposals(context, ikeSa, "proposal-mismatch-ike", { configured: this.#proposals() });
      return "failed";
    }
    const cookie = message.notify(NotifyType.COOKIE);
    const sa = message.payload(PayloadType.SA);
    if (cookie && !sa) return this.#retryWithCookie(cookie.data);
    const ke = message.payload(PayloadType.KE);
    const nonce = message.payload(PayloadType.NONCE);
    if (!sa || !ke || !nonce) {
      log.log(LogGroup.IKE, 1, "received IKE_SA_INIT response without the payloads it needs");
      return "failed";
    }
    this.#noteCapabilities(message);
    if (ikeSa.ikeConfig?.childless === "force" && !ikeSa.handshake!.isChildlessSupported) {
      log.log(LogGroup.IKE, 1, "peer does not support childless IKE_SA initiation");
      return "failed";
    }
    const options = selectOptions(context, ikeSa, { ignoreKe: false, requiredKe: this.#agreement.method });
    const configured = this.#proposals();
    const received = offersFromWire(sa, ProtocolId.IKE);
    const selection = selectProposal(configured, received, options);
    if (!selection) {
      log.log(LogGroup.IKE, 1, "received a proposal that was not offered");
      alertProposals(context, ikeSa, "proposal-mismatch-ike", { configured, received });
      return "failed";
    }
    const secret = ke.method === this.#agreement.method ? this.#agreement.conclude(ke.data) : undefined;
    if (!secret) {
      log.log(LogGroup.IKE, 1, "applying KE public value failed");
      return "failed";
    }
    ikeSa.handshake!.nonceR = context.octets.copy(nonce.data);
    return this.#derive(selection.proposal, secret) ? "done" : "failed";
  }

  /**
   * Sends the same request with the COOKIE, RFC 7296 section 2.6, if it is clear what the COOKIE is the answer to.
   *
   * Where the request was sent more than once, the responder may well have taken a copy of it without a COOKIE and be about to answer that;
   * where it had a COOKIE already, either of them may be accepted. Then the next request could be answered twice, by IKE_SAs that cover
   * different first messages with AUTH, and no answer tells which request it is for. So we begin anew under another SPI, which only
   * answers to the new request have.
   */
  #retryWithCookie(cookie: Uint8Array): TaskOutcome {
    const { context, ikeSa } = this;
    const isClear = !ikeSa.tasks.wasRepeated && this.#cookie.length === 0;
    if (isClear || this.#newSpis >= MAX_NEW_SPIS) return this.#retry(() => (this.#cookie = cookie.slice()));
    context.log.log(LogGroup.IKE, 1, "received COOKIE for one of several requests, beginning anew");
    return this.#retry(() => {
      this.#newSpis++;
      this.#cookie = NO_SPI;
      ikeSa.handshake!.nonceI = NO_SPI;
      context.manager.renewSpi(ikeSa);
    });
  }

  /** To another gateway, as if nothing had been there before, RFC 5685 section 5. */
  #goTo(gateway: Host | string): MaybePromise<TaskOutcome> {
    const { context, ikeSa } = this;
    return context.manager.redirections.pathTo(ikeSa, gateway, (path) => {
      if (!path) return "failed";
      const handshake = ikeSa.handshake!;
      handshake.redirectedFrom = ikeSa.remote;
      handshake.nonceI = NO_SPI;
      [ikeSa.local, ikeSa.remote] = [path.local, path.remote];
      this.#cookie = NO_SPI;
      this.#keMethod = 0;
      this.#agreement.wipe();
      context.manager.renewSpi(ikeSa);
      ikeSa.tasks.restart();
      return "need-more";
    });
  }

  #retryWithKe(method: number): TaskOutcome {
    const { log } = this.context;
    const proposals = this.#proposals();
    if (method === 0 || !proposalsHaveKe(proposals, method) || method === this.#agreement.method) {
      log.log(LogGroup.IKE, 1, `peer requested key exchange method ${keyExchangeName(method)}, which was not proposed`);
      return "failed";
    }
    log.log(
      LogGroup.IKE,
      1,
      `peer didn't accept key exchange method ${keyExchangeName(this.#agreement.method)}, it requested ${keyExchangeName(method)}`,
    );
    return this.#retry(() => (this.#keMethod = method));
  }

  #retry(prepare: () => void): TaskOutcome {
    if (++this.#retries > MAX_RETRIES) {
      this.context.log.log(LogGroup.IKE, 1, `giving up, the peer sent us back ${MAX_RETRIES} times`);
      return "failed";
    }
    prepare();
    this.ikeSa.tasks.restart();
    return "need-more";
  }

  /** The first method of our proposals that a plugin provides. */
  #firstSupportedKe(proposals: readonly Proposal[]): number {
    for (const proposal of proposals) {
      const method = proposal.firstKe;
      if (method !== undefined && this.context.crypto.keyExchange(method)) return method;
    }
    return proposals[0]?.firstKe ?? 0;
  }

  // --- responder ---

  #processRequest(message: Message): MaybePromise<TaskOutcome> {
    const { context, ikeSa } = this;
    const { log } = context;
    if (!ikeSa.ikeConfig) {
      log.log(LogGroup.IKE, 1, `no IKE config found for ${ikeSa.local}...${ikeSa.remote}, sending NO_PROPOSAL_CHOSEN`);
      this.#error = { notify: NotifyType.NO_PROPOSAL_CHOSEN };
      return "need-more";
    }
    log.log(LogGroup.IKE, 0, `${ikeSa.remote} is initiating IKE_SA ${ikeSa.label}`);
    ikeSa.enter(context, IkeSaState.CONNECTING);
    context.manager.upkeep.armHalfOpen(ikeSa);
    this.#noteCapabilities(message);
    if (context.redirects.isEmpty || !ikeSa.has(Condition.REDIRECTABLE)) return this.#admit(message);
    const gateway = context.redirects.gatewayFor(ikeSa, "onInit");
    const conclude = (found: RedirectGateway | undefined): TaskOutcome => this.#admit(message, found);
    return gateway instanceof Promise ? context.manager.whenSettled(ikeSa, gateway, conclude) : conclude(gateway);
  }

  /** @param gateway where the client shall go instead */
  #admit(message: Message, gateway?: RedirectGateway): TaskOutcome {
    // The task manager has checked that they are there.
    const nonce = message.payload(PayloadType.NONCE)!;
    if (gateway) {
      this.context.log.log(LogGroup.IKE, 1, `redirecting peer to ${gateway.name}`);
      this.#error = { notify: NotifyType.REDIRECT, data: redirectTo(gateway, nonce.data) };
    } else this.#accept(message.payload(PayloadType.SA)!, message.payload(PayloadType.KE)!, nonce);
    return "need-more";
  }

  #accept(sa: SaPayload, ke: KePayload, nonce: NoncePayload): void {
    const { context, ikeSa } = this;
    const { log } = context;
    const configured = this.#proposals();
    const received = offersFromWire(sa, ProtocolId.IKE);
    const selection = selectProposal(configured, received, selectOptions(context, ikeSa));
    if (!selection) {
      log.log(LogGroup.IKE, 1, "received proposals unacceptable");
      alertProposals(context, ikeSa, "proposal-mismatch-ike", { configured, received });
      this.#error = { notify: NotifyType.NO_PROPOSAL_CHOSEN };
      return;
    }
    const method = selection.proposal.firstKe ?? 0;
    if (ke.method !== method) {
      log.log(
        LogGroup.IKE,
        1,
        `key exchange method ${keyExchangeName(ke.method)} unacceptable, requesting ${keyExchangeName(method)}`,
      );
      this.#error = { notify: NotifyType.INVALID_KE_PAYLOAD, data: keData(method) };
      return;
    }
    const agreed = this.#agreement.respond(method, ke.data);
    if (!agreed) {
      log.log(LogGroup.IKE, 1, "applying KE public value failed");
      this.#error = { notify: NotifyType.NO_PROPOSAL_CHOSEN };
      return;
    }
    const handshake = ikeSa.handshake!;
    handshake.nonceI = context.octets.copy(nonce.data);
    handshake.nonceR = drawNonce(this.context);
    this.#selection = selection;
    this.#publicValue = agreed.response;
    if (!this.#derive(selection.proposal, agreed.secret)) this.#error = { notify: NotifyType.NO_PROPOSAL_CHOSEN };
  }

  #buildResponse(message: OutgoingMessage): TaskOutcome {
    if (this.#error) {
      message.addNotify(this.#error.notify, this.#error.data);
      return "failed";
    }
    const selection = this.#selection!;
    message.add({
      type: PayloadType.SA,
      proposals: [offerToWire({ proposal: selection.proposal, number: selection.number, spi: NO_SPI })],
    });
    message.add({ type: PayloadType.KE, method: this.#agreement.method, data: this.#publicValue });
    message.add({ type: PayloadType.NONCE, data: this.ikeSa.handshake!.nonceR });
    this.#addCapabilities(message);
    return "done";
  }

  // --- both ---

  /** As responder, of every connection that the addresses allow: which one it is to be, identities will tell. */
  #proposals(): readonly Proposal[] {
    const { ikeSa } = this;
    if (ikeSa.isInitiator) return ikeSa.ikeConfig?.proposals ?? [];
    const configs = this.#ikeConfigs();
    return configs.length === 1 ? configs[0]!.proposals : configs.flatMap((config) => config.proposals);
  }

  /** What both sides may do apart from the agreed: sent behind all else, as strongSwan does. */
  #addCapabilities(message: OutgoingMessage): void {
    const { ikeSa, context } = this;
    if (ikeSa.ikeConfig?.fragmentation !== "no" && (!message.isResponse || ikeSa.has(Condition.FRAGMENTATION)))
      message.addLast(makeNotifyPayload(NotifyType.FRAGMENTATION_SUPPORTED));
    this.#addSignatureCapabilities(message);
    if (!message.isResponse && context.options.follow_redirects) addRedirectCapability(message, ikeSa);
    if (message.isResponse && ikeSa.ikeConfig?.childless !== "never")
      message.addLast(makeNotifyPayload(NotifyType.CHILDLESS_IKEV2_SUPPORTED));
    if (message.isResponse && context.options.multiple_authentication)
      message.addLast(makeNotifyPayload(NotifyType.MULTIPLE_AUTH_SUPPORTED));
    if (context.options.send_vendor_id) message.addLast({ type: PayloadType.VENDOR_ID, data: VENDOR_ID_STRONGSWAN });
  }

  /** As initiator where the connection has use for certificates; as responder where the initiator has, and some may be. */
  #addSignatureCapabilities(message: OutgoingMessage): void {
    const { ikeSa, context } = this;
    const { peerConfig } = ikeSa;
    if (message.isResponse) {
      if (context.certificates.hasAuthorities && this.#asksForCertificates()) addCertificateRequest(context, message);
      if (ikeSa.handshake?.peerHashes) addSignatureHashes(message);
    } else if (context.options.signature_authentication && peerConfig) {
      if (usesPublicKey(peerConfig.local[0]) || usesPublicKey(peerConfig.remote[0])) addSignatureHashes(message);
    }
  }

  #asksForCertificates(): boolean {
    return this.#ikeConfigs().some(({ sendCertRequest }) => sendCertRequest);
  }

  /** As responder: those that the addresses allow. */
  #ikeConfigs(): readonly IkeConfig[] {
    const { ikeSa, context } = this;
    return ikeSa.handshake?.ikeConfigs ?? context.configs.ikeConfigs(ikeSa.local, ikeSa.remote, 2);
  }

  #noteCapabilities(message: Message): void {
    const { ikeSa, context } = this;
    if (ikeSa.handshake && context.options.signature_authentication) ikeSa.handshake.peerHashes = readSignatureHashes(message);
    if (message.header.isResponse && message.notify(NotifyType.CHILDLESS_IKEV2_SUPPORTED))
      ikeSa.handshake!.isChildlessSupported = true;
    if (message.header.isResponse && message.notify(NotifyType.MULTIPLE_AUTH_SUPPORTED))
      ikeSa.handshake!.isMultipleAuthSupported = true;
    if (message.header.isResponse) noteCertificateRequests(context, ikeSa, message);
    if (ikeSa.ikeConfig?.fragmentation !== "no" && message.notify(NotifyType.FRAGMENTATION_SUPPORTED))
      ikeSa.set(Condition.FRAGMENTATION);
    if (!message.header.isResponse && followsRedirects(context, message)) ikeSa.set(Condition.REDIRECTABLE);
    for (const payload of message.payloads) {
      if (payload.type !== PayloadType.VENDOR_ID || !isStrongSwan(payload.data)) continue;
      context.log.log(LogGroup.IKE, 1, "received strongSwan vendor ID");
      ikeSa.set(Condition.SAME_IMPLEMENTATION);
    }
  }

  #derive(proposal: Proposal, secret: Uint8Array): boolean {
    const { ikeSa, context } = this;
    const handshake = ikeSa.handshake!;
    let suite: IkeSuite;
    try {
      suite = context.suites.get(proposal);
    } catch (error) {
      secret.fill(0);
      if (!(error instanceof CryptoError)) throw error;
      context.log.log(LogGroup.IKE, 1, error.message);
      context.log.log(LogGroup.IKE, 1, "key derivation failed");
      return false;
    }
    const input = {
      nonceInitiator: handshake.nonceI,
      nonceResponder: handshake.nonceR,
      sharedSecret: secret,
      spiInitiatorHi: ikeSa.spiInitiatorHi,
      spiInitiatorLo: ikeSa.spiInitiatorLo,
      spiResponderHi: ikeSa.spiResponderHi,
      spiResponderLo: ikeSa.spiResponderLo,
    };
    context.bus.ikeKeyMaterial(ikeSa, input, undefined);
    const onKeys = keyWatcher(context, ikeSa, secret);
    ikeSa.suite = suite;
    ikeSa.keys = context.keymat.derive(suite, input, { into: context.octets.take(suite.keyBlockBytes), onKeys });
    secret.fill(0);
    return true;
  }
}

/** Whether a client goes where it is sent to: one that has been sent here does, too. */
function followsRedirects({ log }: IkeContext, message: Message): boolean {
  const notify = message.notify(NotifyType.REDIRECTED_FROM);
  if (!notify) return message.notify(NotifyType.REDIRECT_SUPPORTED) !== undefined;
  const from = readRedirectedFrom(notify.data);
  log.log(
    LogGroup.IKE,
    1,
    from === undefined ? "received invalid REDIRECTED_FROM notify, ignored" : `client got redirected from ${from.toString()}`,
  );
  return from !== undefined;
}

const isStrongSwan = (data: Uint8Array): boolean => equalOctets(data, VENDOR_ID_STRONGSWAN);

/** Says that we follow redirects, or which gateway has sent us here, which says so as well. */
function addRedirectCapability(message: OutgoingMessage, { handshake }: IkeSa): void {
  const from = handshake?.redirectedFrom;
  message.addLast(
    from ? makeNotifyPayload(NotifyType.REDIRECTED_FROM, redirectedFrom(from)) : makeNotifyPayload(NotifyType.REDIRECT_SUPPORTED),
  );
}
