import { ChildSaState, LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise, NarrowStage } from "@cygnet/plugin-api";
import { offerToWire } from "@cygnet/crypto";
import type { ProposalSelection } from "@cygnet/crypto";
import { ExchangeType, NotifyType, PayloadType, makeNotifyPayload, spiBytes } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { ChildConfig, TrafficSelector } from "../../../config/index.js";
import type { IkeContext } from "../../../ike-context.js";
import { ChildSa } from "../../child-sa.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { narrowedByListeners } from "../child-selectors.js";
import { ChildOffer } from "../child-offer.js";
import { ChildRequest } from "../child-request.js";
import type { ChildTerms, Refusal } from "../child-request.js";
import { addIpcompNotify, takesIpcomp, wantsIpcomp } from "../child-ipcomp.js";
import { labelledSelectors } from "../child-label.js";
import { addModeNotify, agreedMode } from "../child-mode.js";
import { installChild } from "../child-installation.js";
import { findChildError, findError, notifyName, requestedKe } from "../error-notify.js";
import { drawNonce } from "../nonces.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { retrySeconds } from "../retry-delay.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import { ChildDeleteTask } from "./child-delete.js";
import { IkeDeleteTask } from "./ike-delete.js";

const EMPTY: Uint8Array = new Uint8Array(0);
const NO_SELECTORS: readonly TrafficSelector[] = [];

/**
 * Creates a CHILD_SA: with IKE_AUTH, where the nonces of IKE_SA_INIT serve (RFC 7296 section 1.2), or with a CREATE_CHILD_SA of its own,
 * with a key exchange when the proposal has one (section 1.3.1). `ChildRekeyTask` uses it for the new CHILD_SA.
 */
export class ChildCreateTask implements Task {
  readonly type = TaskType.CHILD_CREATE;
  #child: ChildSa | undefined;
  #config: ChildConfig | undefined;
  #ownNonce = EMPTY;
  #peerNonce = EMPTY;
  #secret: Uint8Array | undefined;
  #localTs: readonly TrafficSelector[] = NO_SELECTORS;
  #remoteTs: readonly TrafficSelector[] = NO_SELECTORS;
  /** As initiator: what is asked for. */
  #offer: ChildOffer | undefined;
  /** As responder: the request, or why it is refused. */
  #request: ChildRequest | Refusal | undefined;
  /** The CHILD_SA is installed. */
  #isEstablished = false;
  /** As initiator: SPIs that the peer deleted while its response was on the way; one of them may be that of the new CHILD_SA. */
  #deletedSpis: number[] | undefined;

  constructor(
    private readonly context: IkeContext,
    private ikeSa: IkeSa,
    config?: ChildConfig,
    /** The CHILD_SA that the new one takes the place of, by rekeying. */
    private readonly replaces?: ChildSa,
  ) {
    this.#config = config ?? replaces?.config;
  }

  /** The new CHILD_SA once it is installed. */
  get established(): ChildSa | undefined {
    return this.#isEstablished ? this.#child : undefined;
  }

  get ownNonce(): Uint8Array {
    return this.#ownNonce;
  }

  get peerNonce(): Uint8Array {
    return this.#peerNonce;
  }

  build(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    if (message.exchangeType === ExchangeType.IKE_SA_INIT) return "need-more";
    return message.isResponse ? this.#buildResponse(message) : this.#buildRequest(message);
  }

  process(message: Message): MaybePromise<TaskOutcome> {
    if (message.header.exchangeType === ExchangeType.IKE_SA_INIT) return this.#afterInit();
    return message.header.isResponse ? this.#processResponse(message) : this.#processRequest(message);
  }

  /** Where the responder takes an IKE_AUTH without a CHILD_SA, and we want that, it comes after it (RFC 6023). */
  #afterInit(): TaskOutcome {
    const { ikeSa } = this;
    const childless = ikeSa.ikeConfig?.childless;
    const isLater = ikeSa.isInitiator && (childless === "prefer" || childless === "force");
    if (!isLater || !ikeSa.handshake!.isChildlessSupported) return "need-more";
    ikeSa.tasks.queue(this);
    return "done";
  }

  /** The CHILD_SA itself stays the same one, with its SPI where the peer is at the same address. */
  migrate(ikeSa: IkeSa): void {
    this.ikeSa = ikeSa;
    if (this.#child) this.#child.ikeSa = ikeSa;
    if (this.#child && !this.#child.remote.sameAddress(ikeSa.remote)) this.#followPeer(this.#child);
    this.#offer?.beginAnew();
  }

  /** The SPI is of an SA with an address that is not the peer's any more. */
  #followPeer(child: ChildSa): void {
    const { context, ikeSa } = this;
    if (child.cpiIn !== 0) context.kernel.releaseCpi(child);
    context.kernel.remove(child);
    child.spiIn = 0;
    child.local = ikeSa.local;
    child.remote = ikeSa.remote;
  }

  abandon(): void {
    this.#wipeSecrets();
    this.#dropChild();
  }

  /** The peer deletes a CHILD_SA that we do not have: ours to come, if its DELETE overtook the response. */
  deletedByPeer(spi: number): void {
    (this.#deletedSpis ??= []).push(spi);
  }

  // --- initiator ---

  #buildRequest(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    const config = this.#config!;
    const isFirst = message.exchangeType === ExchangeType.IKE_AUTH;
    // Asked for with the first of several rounds.
    if (isFirst && message.messageId > 1) return "need-more";
    if (!this.#child) {
      const duplicate = isFirst || this.replaces ? undefined : this.#duplicate(config);
      const child = new ChildSa(context.control.nextChildSaId(), config, ikeSa);
      if (duplicate) {
        const text = `not establishing CHILD_SA ${child.label} due to existing duplicate {${duplicate.uniqueId}} with SPIs ${duplicate.spis()} and TS ${duplicate.selectors()}`;
        context.log.log(LogGroup.IKE, 1, text);
        context.bus.childStateChange(ikeSa, child, ChildSaState.DESTROYING);
        return "done";
      }
      if (this.replaces) context.kernel.shareReqid(child, this.replaces);
      this.#child = child;
      this.#offer = new ChildOffer(context, child, this.replaces);
    }
    const child = this.#child;
    context.log.log(LogGroup.IKE, 0, `establishing CHILD_SA ${child.label}${this.replaces ? ` reqid ${child.reqid}` : ""}`);
    if (child.spiIn !== 0) return this.#writeOffer(message, isFirst);
    return this.#allocateSpi(child, wantsIpcomp(context, this.ikeSa, child), (isAllocated) => {
      if (isAllocated) return this.#writeOffer(message, isFirst);
      this.#dropChild();
      return "done";
    });
  }

  /** @param isCompressed a CPI, too */
  #allocateSpi(
    child: ChildSa,
    isCompressed: boolean,
    next: (isAllocated: boolean) => MaybePromise<TaskOutcome>,
  ): MaybePromise<TaskOutcome> {
    const { context, ikeSa } = this;
    const failed = (error: unknown): MaybePromise<TaskOutcome> => {
      context.log.log(LogGroup.KNL, 1, `unable to allocate SPI from kernel: ${(error as Error).message}`);
      return next(false);
    };
    let result: MaybePromise<void>;
    try {
      result = context.kernel.allocateSpi(child);
      if (isCompressed)
        result =
          result instanceof Promise ? result.then(() => context.kernel.allocateCpi(child)) : context.kernel.allocateCpi(child);
    } catch (error) {
      return failed(error);
    }
    return result instanceof Promise ? context.manager.whenSettled(ikeSa, result, () => next(true), { failed }) : next(true);
  }

  #writeOffer(message: OutgoingMessage, isFirst: boolean): TaskOutcome {
    if (this.#offer!.write(message, this.ikeSa, isFirst)) return "need-more";
    this.#dropChild();
    return "done";
  }

  #duplicate(config: ChildConfig): ChildSa | undefined {
    return this.ikeSa.children.find((child) => child.config === config && child.state === ChildSaState.INSTALLED);
  }

  #processResponse(message: Message): MaybePromise<TaskOutcome> {
    const { context, ikeSa } = this;
    const child = this.#child;
    if (!child) return "done";
    const offer = this.#offer!;
    const isFirst = message.header.exchangeType === ExchangeType.IKE_AUTH;
    if (isFirst && !ikeSa.isAuthenticated) return "need-more";
    const error = isFirst ? findChildError(message) : findError(message);
    if (error?.notifyType === NotifyType.INVALID_KE_PAYLOAD && offer.takesMethod(requestedKe(error))) return "need-more";
    if (error?.notifyType === NotifyType.TEMPORARY_FAILURE && !this.replaces) return this.#retryLater(child);
    if (error) {
      context.log.log(LogGroup.IKE, 1, `received ${notifyName(error.notifyType)} notify, no CHILD_SA built`);
      offer.noteRefusal(ikeSa, error.notifyType);
      return this.#failed(isFirst);
    }
    const outcome = offer.conclude(message, ikeSa, isFirst, this.#deletedSpis);
    if (outcome !== "agreed") return this.#failed(isFirst, outcome === "unusable" ? child : undefined);
    this.#localTs = offer.localTs;
    this.#remoteTs = offer.remoteTs;
    this.#ownNonce = offer.nonce;
    this.#peerNonce = offer.peerNonce;
    this.#secret = offer.secret;
    return this.#install(child, offer.selection!, true, isFirst, (isInstalled) =>
      isInstalled ? "done" : this.#failed(isFirst, child),
    );
  }

  /** The peer is rekeying the IKE_SA, RFC 7296 section 2.25.2. The task goes on in the new one, or when some time has passed. */
  #retryLater(child: ChildSa): TaskOutcome {
    const { context, ikeSa } = this;
    const seconds = retrySeconds(context);
    context.log.log(LogGroup.IKE, 1, `received ${notifyName(NotifyType.TEMPORARY_FAILURE)} notify, will retry later`);
    context.log.log(LogGroup.IKE, 1, `creating CHILD_SA failed, trying again in ${seconds} seconds`);
    child.enter(context, ChildSaState.RETRYING);
    this.#offer!.beginAnew();
    ikeSa.tasks.queueLater(this, seconds * 1000);
    return "done";
  }

  /**
   * The CHILD_SA came to nothing; the IKE_SA stays unless it is told otherwise.
   * @param built the peer has it installed already, and is asked to delete it
   */
  #failed(isFirst: boolean, built?: ChildSa): TaskOutcome {
    const { context, ikeSa } = this;
    this.#wipeSecrets();
    this.#dropChild();
    if (isFirst && context.options.close_ike_on_child_failure) {
      context.log.log(LogGroup.IKE, 1, "closing IKE_SA due CHILD_SA setup failure");
      ikeSa.tasks.queue(new IkeDeleteTask(context, ikeSa));
      return "done";
    }
    if (built) ikeSa.tasks.queue(new ChildDeleteTask(context, ikeSa, built, "unborn"));
    context.log.log(LogGroup.IKE, 1, "failed to establish CHILD_SA, keeping IKE_SA");
    context.bus.alert(ikeSa, { alert: "keep-on-child-sa-failure" });
    return "done";
  }

  #dropChild(): void {
    const child = this.#child;
    if (!child || this.#isEstablished) return;
    this.#child = undefined;
    this.context.kernel.remove(child);
    child.enter(this.context, ChildSaState.DESTROYING);
  }

  // --- responder ---

  #processRequest(message: Message): TaskOutcome {
    const isFirst = message.header.exchangeType === ExchangeType.IKE_AUTH;
    if (isFirst && this.#request) return "need-more";
    const request = ChildRequest.read(this.context, this.ikeSa, message);
    if (!request) return "done";
    this.#request = request;
    return "need-more";
  }

  #buildResponse(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    const isFirst = message.exchangeType === ExchangeType.IKE_AUTH;
    if (isFirst && !ikeSa.isAuthenticated) return "need-more";
    if (isFirst && ikeSa.has(Condition.REDIRECTED)) return "done";
    if (
      isFirst &&
      message.payloads.some(
        (payload) => payload.type === PayloadType.NOTIFY && payload.notifyType === NotifyType.INTERNAL_ADDRESS_FAILURE,
      )
    ) {
      context.log.log(LogGroup.IKE, 1, "configuration payload negotiation failed, no CHILD_SA built");
      return this.#failed(isFirst);
    }
    const request = this.#request!;
    if ("notify" in request) return this.#refuse(message, request, isFirst);
    const terms = request.negotiate(context, ikeSa, this.replaces);
    if ("notify" in terms) return this.#refuse(message, terms, isFirst);
    this.#secret = terms.ke?.secret;
    this.#localTs = terms.localTs;
    this.#remoteTs = terms.remoteTs;
    this.#peerNonce = request.nonce;
    if (!isFirst) this.#ownNonce = drawNonce(context);
    const child = new ChildSa(context.control.nextChildSaId(), terms.config, ikeSa);
    if (this.replaces) context.kernel.shareReqid(child, this.replaces);
    this.#child = child;
    const isCompressed = takesIpcomp(context, ikeSa, child, request.cpi);
    return this.#allocateSpi(child, isCompressed, (isAllocated) => {
      if (child.cpiIn !== 0) child.cpiOut = request.cpi;
      return isAllocated
        ? this.#respond(message, child, request, terms)
        : this.#refuse(message, { notify: NotifyType.NO_PROPOSAL_CHOSEN }, isFirst);
    });
  }

  #refuse(message: OutgoingMessage, { notify, data }: Refusal, isFirst: boolean): TaskOutcome {
    message.addLast(makeNotifyPayload(notify, data));
    return this.#failed(isFirst);
  }

  #respond(
    message: OutgoingMessage,
    child: ChildSa,
    request: ChildRequest,
    { selection, ke }: ChildTerms,
  ): MaybePromise<TaskOutcome> {
    const isFirst = message.exchangeType === ExchangeType.IKE_AUTH;
    this.#askListeners(child, "responder");
    // What is answered; listeners may have us install less.
    const [tsr, tsi] = [this.#localTs, this.#remoteTs];
    child.mode = agreedMode(this.context, child.config.mode, request.mode, [...tsr, ...tsi]);
    this.#askListeners(child, "responder-post");
    if (this.#localTs.length === 0 || this.#remoteTs.length === 0)
      return this.#refuse(message, request.refuseSelectors(this.context, this.ikeSa), isFirst);
    return this.#install(child, selection, false, isFirst, (isInstalled) => {
      if (!isInstalled) return this.#refuse(message, { notify: NotifyType.NO_PROPOSAL_CHOSEN }, isFirst);
      addIpcompNotify(message, child);
      message.add({
        type: PayloadType.SA,
        proposals: [offerToWire({ proposal: selection.proposal, number: selection.number, spi: spiBytes(child.spiIn) })],
      });
      if (!isFirst) message.add({ type: PayloadType.NONCE, data: this.#ownNonce });
      if (ke) message.add({ type: PayloadType.KE, method: ke.method, data: ke.response });
      message.add({ type: PayloadType.TSi, selectors: labelledSelectors(tsi, child.config) });
      message.add({ type: PayloadType.TSr, selectors: labelledSelectors(tsr, child.config) });
      addModeNotify(message, child.mode);
      return "done";
    });
  }

  // --- both ---

  #askListeners(child: ChildSa, stage: NarrowStage): void {
    const { context, ikeSa } = this;
    if (!context.bus.wants("narrow")) return;
    [this.#localTs, this.#remoteTs] = narrowedByListeners(context, ikeSa, child, stage, this.#localTs, this.#remoteTs);
  }

  /** Puts the CHILD_SA into the kernel. */
  #install(
    child: ChildSa,
    selection: ProposalSelection,
    isInitiator: boolean,
    isFirst: boolean,
    conclude: (isInstalled: boolean) => TaskOutcome,
  ): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    child.localTs = this.#localTs.slice();
    child.remoteTs = this.#remoteTs.slice();
    const nonces = isInitiator
      ? { initiator: this.#ownNonce, responder: this.#peerNonce }
      : { initiator: this.#peerNonce, responder: this.#ownNonce };
    const { handshake } = ikeSa;
    const result = installChild(context, ikeSa, child, {
      selection,
      isInitiator,
      nonces: isFirst ? { initiator: handshake!.nonceI, responder: handshake!.nonceR } : nonces,
      replaced: this.replaces,
      sharedSecret: this.#secret,
    });
    this.#wipeSecrets();
    const next = (isInstalled: boolean): TaskOutcome => {
      if (isInstalled) this.#isEstablished = true;
      if (isInstalled && !this.replaces) context.bus.childUpdown(ikeSa, child, true);
      return conclude(isInstalled);
    };
    return result instanceof Promise ? context.manager.whenSettled(ikeSa, result, next) : next(result);
  }

  #wipeSecrets(): void {
    this.#secret?.fill(0);
    this.#secret = undefined;
    this.#offer?.wipe();
  }
}
