import { ChildSaState, IkeSaState, LogGroup, keyExchangeName } from "@cygnet/plugin-api";
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
import { NotifyType, PayloadType, ProtocolId, ikeSpiBytes } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { InitiateTasksJob } from "../../jobs.js";
import { SaTimer } from "../../sa-timers.js";
import { findError, keData, notifyName, requestedKe } from "../error-notify.js";
import { KeyAgreement } from "../key-agreement.js";
import { keyWatcher } from "../key-log.js";
import { compareNonces, drawNonce, lowerNonce } from "../nonces.js";
import { alertProposals } from "../mismatch.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { retrySeconds } from "../retry-delay.js";
import { selectOptions } from "../select-options.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import { IkeDeleteTask } from "./ike-delete.js";

const EMPTY: Uint8Array = new Uint8Array(0);
const IKE_SPI_BYTES = 8;
/** Requests that a peer can have us send by asking for yet another key exchange method. */
const MAX_ATTEMPTS = 5;

/** A rekeying that the peer began while ours was under way. */
interface Collision {
  readonly successor: IkeSa;
  readonly lowestNonce: Uint8Array;
}

/**
 * Replaces an IKE_SA by one with new keys and SPIs, which takes over its CHILD_SAs: RFC 7296 section 1.3.2. Who began it deletes the old one.
 * On a collision the IKE_SA whose exchange had the lowest of the four nonces is deleted by who began that (section 2.8.2).
 */
export class IkeRekeyTask implements Task {
  readonly type = TaskType.IKE_REKEY;
  readonly #agreement: KeyAgreement;
  #successor: IkeSa | undefined;
  #keMethod = 0;
  #attempts = 0;
  #ownNonce = EMPTY;
  #peerNonce = EMPTY;
  #publicValue = EMPTY;
  #selection: ProposalSelection | undefined;
  #error: { readonly notify: NotifyType; readonly data?: Uint8Array } | undefined;
  #collision: Collision | undefined;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {
    this.#agreement = new KeyAgreement(context);
  }

  build(message: OutgoingMessage): TaskOutcome {
    return message.isResponse ? this.#buildResponse(message) : this.#buildRequest(message);
  }

  process(message: Message): TaskOutcome {
    return message.header.isResponse ? this.#processResponse(message) : this.#processRequest(message);
  }

  abandon(): void {
    this.#dropSuccessor();
    const redundant = this.#collision?.successor;
    if (redundant?.state === IkeSaState.CREATED) this.context.manager.destroy(redundant);
  }

  /** The peer deletes the IKE_SA while we rekey it: if it has replaced it, ours is forgotten (RFC 7296 section 2.25.2). */
  closedByPeer(): void {
    const { ikeSa } = this;
    if (!this.#collision || ikeSa.state !== IkeSaState.REKEYING) return;
    this.#establish(this.#collision.successor);
    this.#collision = undefined;
  }

  #dropSuccessor(): void {
    this.#agreement.wipe();
    if (this.#successor?.state === IkeSaState.CREATED) this.context.manager.destroy(this.#successor);
    this.#successor = undefined;
  }

  // --- initiator ---

  #buildRequest(message: OutgoingMessage): TaskOutcome {
    const { ikeSa, context } = this;
    const { log } = context;
    if (ikeSa.state !== IkeSaState.ESTABLISHED && ikeSa.state !== IkeSaState.REKEYING) return "done";
    const successor = (this.#successor ??= context.manager.successor(ikeSa, true));
    const proposals = this.#proposals();
    const method = this.#keMethod || ikeSa.suite!.keyExchangeMethod;
    const publicValue = successor && this.#agreement.begin(method);
    if (!successor || !publicValue) {
      log.log(
        LogGroup.IKE,
        1,
        successor
          ? `configured key exchange method ${keyExchangeName(method)} not supported`
          : "failed to allocate SPI for new IKE_SA",
      );
      return this.#retryLater();
    }
    log.log(LogGroup.IKE, 0, `initiating IKE_SA ${successor.label} to ${ikeSa.remote}`);
    if (this.#ownNonce.length === 0) this.#ownNonce = drawNonce(this.context);
    ikeSa.enter(context, IkeSaState.REKEYING);
    this.#attempts++;
    message.add({ type: PayloadType.SA, proposals: proposalsToWire(promoteKe(proposals, method), ownSpi(successor)) });
    message.add({ type: PayloadType.NONCE, data: this.#ownNonce });
    message.add({ type: PayloadType.KE, method, data: publicValue });
    return "need-more";
  }

  #processResponse(message: Message): TaskOutcome {
    const { ikeSa, context } = this;
    const { log } = context;
    const error = findError(message);
    if (error?.notifyType === NotifyType.INVALID_KE_PAYLOAD) {
      const method = requestedKe(error);
      if (this.#attempts < MAX_ATTEMPTS && proposalsHaveKe(this.#proposals(), method) && method !== this.#agreement.method) {
        log.log(
          LogGroup.IKE,
          1,
          `peer didn't accept key exchange method ${keyExchangeName(this.#agreement.method)}, it requested ${keyExchangeName(method)}`,
        );
        this.#keMethod = method;
        return "need-more";
      }
    }
    if (error) {
      log.log(LogGroup.IKE, 1, `received ${notifyName(error.notifyType)} notify, no IKE_SA built`);
      return this.#retryLater();
    }
    const sa = message.payload(PayloadType.SA);
    const ke = message.payload(PayloadType.KE);
    const nonce = message.payload(PayloadType.NONCE);
    const successor = this.#successor!;
    const options = selectOptions(this.context, this.ikeSa, { ignoreKe: false, requiredKe: this.#agreement.method });
    const selection = sa && selectProposal(this.#proposals(), offersFromWire(sa, ProtocolId.IKE), options);
    const secret = ke && ke.method === this.#agreement.method ? this.#agreement.conclude(ke.data) : undefined;
    if (!selection || !nonce || !secret || !isIkeSpi(selection.spi)) {
      secret?.fill(0);
      log.log(LogGroup.IKE, 1, "received an unusable answer to the rekeying of the IKE_SA");
      return this.#retryLater();
    }
    this.#peerNonce = nonce.data.slice();
    setPeerSpi(successor, selection.spi);
    if (!this.#derive(successor, selection.proposal, secret, this.#ownNonce, this.#peerNonce)) return this.#retryLater();
    const collision = this.#collision;
    if (collision && compareNonces(lowerNonce(this.#ownNonce, this.#peerNonce), collision.lowestNonce) < 0) {
      log.log(LogGroup.IKE, 1, `IKE_SA rekey collision lost, deleting redundant IKE_SA ${successor.label}`);
      this.#establish(collision.successor);
      successor.enter(context, IkeSaState.ESTABLISHED);
      this.#delete(successor);
      return "done";
    }
    if (collision) {
      log.log(
        LogGroup.IKE,
        1,
        `IKE_SA rekey collision won, waiting for delete for redundant IKE_SA ${collision.successor.label}`,
      );
      collision.successor.enter(context, IkeSaState.ESTABLISHED);
      collision.successor.enter(context, IkeSaState.REKEYED);
      context.manager.upkeep.replaced(collision.successor);
    }
    this.#establish(successor);
    this.#delete(ikeSa);
    return "done";
  }

  #retryLater(): TaskOutcome {
    const { ikeSa, context } = this;
    this.#dropSuccessor();
    if (this.#collision) {
      this.#establish(this.#collision.successor);
      return "done";
    }
    const seconds = retrySeconds(context);
    context.log.log(LogGroup.IKE, 1, `IKE_SA rekeying failed, trying again in ${seconds} seconds`);
    ikeSa.enter(context, IkeSaState.ESTABLISHED);
    context.scheduler.cancel(ikeSa.rekeyTimer);
    ikeSa.rekeyAtMs = context.clock.nowMs + seconds * 1000;
    ikeSa.rekeyTimer = context.manager.timers.arm(SaTimer.REKEY_IKE, ikeSa.uniqueId, seconds * 1000);
    return "done";
  }

  /** Has an IKE_SA deleted; it may be the one at hand, whose exchange is not quite over. */
  #delete(ikeSa: IkeSa): void {
    const { context } = this;
    ikeSa.tasks.queue(new IkeDeleteTask(context, ikeSa));
    if (ikeSa !== this.ikeSa) context.processor.queue(new InitiateTasksJob(context.manager, ikeSa.uniqueId));
  }

  // --- responder ---

  #processRequest(message: Message): TaskOutcome {
    const { ikeSa, context } = this;
    const { log } = context;
    // RFC 7296 section 2.25.2: not while something else is being agreed on, or the end is near.
    const isBusy = ikeSa.children.some((child) => child.state === ChildSaState.REKEYING || child.state === ChildSaState.DELETING);
    const isCreating = ikeSa.tasks.active.some(
      (task) => task.type === TaskType.CHILD_CREATE || task.type === TaskType.CHILD_REKEY,
    );
    const canRekey = ikeSa.state === IkeSaState.ESTABLISHED || ikeSa.state === IkeSaState.REKEYING;
    if (!canRekey || isBusy || isCreating) {
      log.log(LogGroup.IKE, 1, "peer initiated rekeying, but a child is half-open or the IKE_SA is closing");
      this.#error = { notify: NotifyType.TEMPORARY_FAILURE };
      return "need-more";
    }
    const sa = message.payload(PayloadType.SA);
    const ke = message.payload(PayloadType.KE);
    const nonce = message.payload(PayloadType.NONCE);
    if (!sa || !ke || !nonce) {
      this.#error = { notify: NotifyType.INVALID_SYNTAX };
      return "need-more";
    }
    const configured = this.#proposals();
    const received = offersFromWire(sa, ProtocolId.IKE);
    const selection = selectProposal(configured, received, selectOptions(this.context, this.ikeSa));
    if (!selection || !isIkeSpi(selection.spi)) {
      log.log(LogGroup.IKE, 1, "received proposals unacceptable");
      alertProposals(this.context, this.ikeSa, "proposal-mismatch-ike", { configured, received });
      this.#error = { notify: NotifyType.NO_PROPOSAL_CHOSEN };
      return "need-more";
    }
    const method = selection.proposal.firstKe ?? 0;
    if (ke.method !== method) {
      log.log(
        LogGroup.IKE,
        1,
        `key exchange method ${keyExchangeName(ke.method)} unacceptable, requesting ${keyExchangeName(method)}`,
      );
      this.#error = { notify: NotifyType.INVALID_KE_PAYLOAD, data: keData(method) };
      return "need-more";
    }
    const agreed = this.#agreement.respond(method, ke.data);
    const successor = agreed && context.manager.successor(ikeSa, false);
    if (!successor) {
      agreed?.secret.fill(0);
      log.log(LogGroup.IKE, 1, agreed ? "failed to allocate SPI for new IKE_SA" : "applying KE public value failed");
      this.#error = { notify: NotifyType.NO_PROPOSAL_CHOSEN };
      return "need-more";
    }
    log.log(LogGroup.IKE, 0, `${ikeSa.remote} is initiating IKE_SA ${successor.label}`);
    this.#successor = successor;
    this.#selection = { ...selection, spi: EMPTY };
    this.#publicValue = agreed.response;
    this.#peerNonce = nonce.data.slice();
    this.#ownNonce = drawNonce(this.context);
    setPeerSpi(successor, selection.spi);
    if (!this.#derive(successor, selection.proposal, agreed.secret, this.#peerNonce, this.#ownNonce)) {
      this.#dropSuccessor();
      this.#error = { notify: NotifyType.NO_PROPOSAL_CHOSEN };
    }
    return "need-more";
  }

  #buildResponse(message: OutgoingMessage): TaskOutcome {
    if (this.#error) {
      message.addNotify(this.#error.notify, this.#error.data);
      return "done";
    }
    const { ikeSa } = this;
    const successor = this.#successor!;
    const { proposal, number } = this.#selection!;
    message.add({ type: PayloadType.SA, proposals: [offerToWire({ proposal, number, spi: ownSpi(successor) })] });
    message.add({ type: PayloadType.NONCE, data: this.#ownNonce });
    message.add({ type: PayloadType.KE, method: this.#agreement.method, data: this.#publicValue });
    const active = ikeSa.tasks.active.find((task): task is IkeRekeyTask => task instanceof IkeRekeyTask);
    if (active) active.#collide(successor, lowerNonce(this.#ownNonce, this.#peerNonce));
    else this.#establish(successor);
    return "done";
  }

  #collide(successor: IkeSa, lowestNonce: Uint8Array): void {
    this.context.log.log(LogGroup.IKE, 1, "detected IKE_SA rekey collision");
    this.#collision = { successor, lowestNonce };
  }

  // --- both ---

  #proposals(): readonly Proposal[] {
    return this.ikeSa.peerConfig?.ike.proposals ?? [];
  }

  #derive(
    successor: IkeSa,
    proposal: Proposal,
    secret: Uint8Array,
    nonceInitiator: Uint8Array,
    nonceResponder: Uint8Array,
  ): boolean {
    const { ikeSa, context } = this;
    let suite: IkeSuite;
    try {
      suite = context.suites.get(proposal);
    } catch (error) {
      secret.fill(0);
      if (!(error instanceof CryptoError)) throw error;
      context.log.log(LogGroup.IKE, 1, error.message);
      return false;
    }
    const { spiInitiatorHi, spiInitiatorLo, spiResponderHi, spiResponderLo } = successor;
    const input = {
      nonceInitiator,
      nonceResponder,
      sharedSecret: secret,
      spiInitiatorHi,
      spiInitiatorLo,
      spiResponderHi,
      spiResponderLo,
    };
    context.bus.ikeKeyMaterial(successor, input, ikeSa);
    const old = { suite: ikeSa.suite!, keys: ikeSa.keys! };
    const onKeys = keyWatcher(context, successor, secret);
    successor.suite = suite;
    successor.keys = context.keymat.derive(suite, input, { old, into: context.octets.take(suite.keyBlockBytes), onKeys });
    secret.fill(0);
    return true;
  }

  /** The successor takes over everything; the old IKE_SA only waits for its end. */
  #establish(successor: IkeSa): void {
    const { ikeSa, context } = this;
    context.bus.childrenMigrate(ikeSa, successor);
    successor.inherit(ikeSa);
    for (const child of successor.children) context.manager.childAdded(child);
    context.manager.uniqueness.remove(ikeSa);
    context.manager.upkeep.established(successor, "rekeyed");
    successor.set(Condition.ANNOUNCED_UP);
    ikeSa.enter(context, IkeSaState.REKEYED);
    context.manager.upkeep.replaced(ikeSa);
    context.bus.ikeRekey(ikeSa, successor);
    successor.tasks.adopt(ikeSa.tasks);
    // What waits is not begun before the exchange at hand is over, which the peer learns from about the new IKE_SA. Then it may rest.
    context.processor.queue(new InitiateTasksJob(context.manager, successor.uniqueId));
  }
}

/** Eight octets that are not all zero. */
const isIkeSpi = (spi: Uint8Array): boolean => spi.length === IKE_SPI_BYTES && spi.some((octet) => octet !== 0);

const ownSpi = (ikeSa: IkeSa): Uint8Array => ikeSpiBytes(ikeSa.ownSpiHi, ikeSa.ownSpiLo);

function setPeerSpi(ikeSa: IkeSa, spi: Uint8Array): void {
  const view = new DataView(spi.buffer, spi.byteOffset, IKE_SPI_BYTES);
  ikeSa.peerSpiHi = view.getUint32(0);
  ikeSa.peerSpiLo = view.getUint32(4);
}
