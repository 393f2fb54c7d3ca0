import { LogGroup, keyExchangeName } from "@cygnet/plugin-api";
import type { NarrowStage } from "@cygnet/plugin-api";
import { offersFromWire, promoteKe, proposalsHaveKe, proposalsToWire, selectProposal, withoutKe } from "@cygnet/crypto";
import type { Proposal, ProposalSelection } from "@cygnet/crypto";
import { NotifyType, PayloadType, spiBytes, spiNumber } from "@cygnet/wire";
import type { KePayload, Message, SaPayload, TsPayload } from "@cygnet/wire";
import { followHost, narrow } from "../../config/index.js";
import type { TrafficSelector } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import type { ChildSa } from "../child-sa.js";
import type { IkeSa } from "../ike-sa.js";
import { addIpcompNotify, concludeIpcomp } from "./child-ipcomp.js";
import { labelledSelectors, labelsOf, logLabel } from "./child-label.js";
import { addModeNotify, receivedMode } from "./child-mode.js";
import { betweenHosts, narrowedByListeners, proposedLocal, proposedRemote, selectorsOf } from "./child-selectors.js";
import { KeyAgreement } from "./key-agreement.js";
import { alertNarrowed, alertProposals, alertSelectors } from "./mismatch.js";
import { drawNonce } from "./nonces.js";
import type { OutgoingMessage } from "./outgoing-message.js";
import { selectOptions } from "./select-options.js";

const EMPTY: Uint8Array = new Uint8Array(0);
const NO_SELECTORS: readonly TrafficSelector[] = [];

/** Requests that a peer can have us send by asking for yet another key exchange method. */
const MAX_ATTEMPTS = 5;

/**
 * What becomes of an answer: `agreed`; `unusable` where the peer has installed what we cannot take, and is to be asked to delete it; `nothing`
 * where there is none at its side.
 */
export type AnswerOutcome = "agreed" | "unusable" | "nothing";

/** The CHILD_SA that we ask a responder for, over as many requests as that takes, and what the responder makes of it. */
export class ChildOffer {
  /** Of the CREATE_CHILD_SA; empty with IKE_AUTH, where those of IKE_SA_INIT serve. */
  nonce = EMPTY;
  peerNonce = EMPTY;
  /** Proposed, then agreed on. */
  localTs: readonly TrafficSelector[] = NO_SELECTORS;
  remoteTs: readonly TrafficSelector[] = NO_SELECTORS;
  /** What was agreed on. */
  selection: ProposalSelection | undefined;
  /** The shared secret of a key exchange of its own: of who takes it, who wipes it. */
  secret: Uint8Array | undefined;
  #agreement: KeyAgreement | undefined;
  /** The method that the peer asked for, 0 before that. */
  #keMethod = 0;
  #attempts = 0;
  #proposals: readonly Proposal[] = [];

  constructor(
    private readonly context: IkeContext,
    private readonly child: ChildSa,
    /** The CHILD_SA that is rekeyed. */
    private readonly replaces: ChildSa | undefined,
  ) {}

  /** For another IKE_SA, or at another time: with other keys and a nonce of its own. */
  beginAnew(): void {
    this.#agreement?.wipe();
    this.nonce = EMPTY;
    this.#attempts = 0;
  }

  /** Nothing comes of it. */
  wipe(): void {
    this.#agreement?.wipe();
    this.secret?.fill(0);
    this.secret = undefined;
  }

  /**
   * Adds the payloads of a request.
   * @param isFirst with IKE_AUTH
   * @returns false where no plugin provides a key exchange method of ours
   */
  write(message: OutgoingMessage, ikeSa: IkeSa, isFirst: boolean): boolean {
    const { child } = this;
    const { config } = child;
    let proposals = config.proposals;
    let publicValue: Uint8Array | undefined;
    if (isFirst) proposals = proposals.map(withoutKe);
    else {
      const method = this.#keMethod || this.#rekeyMethod() || this.#firstSupportedKe(proposals);
      if (method !== 0) {
        publicValue = (this.#agreement ??= new KeyAgreement(this.context)).begin(method);
        if (!publicValue) {
          this.context.log.log(LogGroup.IKE, 1, `configured key exchange method ${keyExchangeName(method)} not supported`);
          return false;
        }
        proposals = promoteKe(proposals, method);
      }
      if (this.nonce.length === 0) this.nonce = drawNonce(this.context);
    }
    this.#attempts++;
    this.#proposals = proposals;
    // The hosts of transport mode may have moved since.
    const like = config.mode === "transport" ? undefined : this.replaces;
    // One that could not move with its IKE_SA is rekeyed at the new addresses.
    this.localTs = like ? followHost(like.localTs, like.local, ikeSa.local) : proposedLocal(ikeSa, config);
    this.remoteTs = like ? followHost(like.remoteTs, like.remote, ikeSa.remote) : proposedRemote(ikeSa, config);
    this.#askListeners(ikeSa, isFirst ? "initiator-pre-noauth" : "initiator-pre-auth");
    addModeNotify(message, config.mode);
    addIpcompNotify(message, child);
    message.add({ type: PayloadType.SA, proposals: proposalsToWire(proposals, spiBytes(child.spiIn)) });
    if (!isFirst) message.add({ type: PayloadType.NONCE, data: this.nonce });
    if (publicValue) message.add({ type: PayloadType.KE, method: this.#agreement!.method, data: publicValue });
    message.add({ type: PayloadType.TSi, selectors: labelledSelectors(this.localTs, config) });
    message.add({ type: PayloadType.TSr, selectors: labelledSelectors(this.remoteTs, config) });
    return true;
  }

  /** The method that the CHILD_SA to be replaced was agreed with, so that no INVALID_KE_PAYLOAD is provoked. */
  #rekeyMethod(): number {
    return this.replaces?.proposal?.firstKe ?? 0;
  }

  /** The first method of our proposals that a plugin provides; 0 where the first one has none. */
  #firstSupportedKe(proposals: readonly Proposal[]): number {
    const preferred = proposals[0]?.firstKe ?? 0;
    if (preferred === 0) return 0;
    for (const { firstKe } of proposals) if (firstKe !== undefined && this.context.crypto.keyExchange(firstKe)) return firstKe;
    return preferred;
  }

  /** The peer wants another key exchange method. @returns whether we have it, and it is worth another request */
  takesMethod(method: number): boolean {
    const current = this.#agreement?.method ?? 0;
    if (this.#attempts >= MAX_ATTEMPTS || method === current || !proposalsHaveKe(this.child.config.proposals, method))
      return false;
    const [tried, wanted] = [keyExchangeName(current), keyExchangeName(method)];
    this.context.log.log(LogGroup.IKE, 1, `peer didn't accept key exchange method ${tried}, it requested ${wanted}`);
    this.#keMethod = method;
    return true;
  }

  /** Tells listeners what the peer refused. */
  noteRefusal(ikeSa: IkeSa, notify: number): void {
    const { context } = this;
    if (notify === NotifyType.NO_PROPOSAL_CHOSEN)
      alertProposals(context, ikeSa, "proposal-mismatch-child", { configured: this.#proposals });
    if (notify === NotifyType.TS_UNACCEPTABLE) alertSelectors(context, ikeSa, this.localTs, this.remoteTs);
  }

  /**
   * Takes an answer without an error notify.
   * @param deleted SPIs that the peer has deleted already
   */
  conclude(message: Message, ikeSa: IkeSa, isFirst: boolean, deleted: readonly number[] | undefined): AnswerOutcome {
    const { log } = this.context;
    const sa = message.payload(PayloadType.SA);
    const tsi = message.payload(PayloadType.TSi);
    const tsr = message.payload(PayloadType.TSr);
    const nonce = message.payload(PayloadType.NONCE);
    if (!sa || !tsi || !tsr || (!isFirst && !nonce)) {
      log.log(LogGroup.IKE, 1, "peer did not answer with a CHILD_SA, no CHILD_SA built");
      return "nothing";
    }
    if (nonce) this.peerNonce = nonce.data.slice();
    if (!this.child.config.takesLabel(labelsOf(tsi, tsr))) {
      log.log(LogGroup.IKE, 1, "peer did not choose our security label");
      return "unusable";
    }
    logLabel(this.context, this.child.config);
    const ke = message.payload(PayloadType.KE);
    const selection = this.#select(ikeSa, sa, isFirst, ke);
    if (!selection) return "unusable";
    if (deleted?.includes(spiNumber(selection.spi))) {
      log.log(LogGroup.IKE, 1, "peer deleted the CHILD_SA already, no CHILD_SA built");
      return "nothing";
    }
    if (!isFirst && selection.proposal.firstKe && !this.#agreeKeys(ke)) return "unusable";
    if (!concludeIpcomp(this.context, this.child, message)) return "unusable";
    this.#concludeMode(message, ikeSa);
    if (!this.#concludeSelectors(ikeSa, isFirst, tsi, tsr)) return "unusable";
    this.selection = selection;
    return "agreed";
  }

  #select(ikeSa: IkeSa, sa: SaPayload, isFirst: boolean, ke: KePayload | undefined): ProposalSelection | undefined {
    const { context } = this;
    const configured = this.#proposals;
    const offers = offersFromWire(sa, configured[0]?.protocol ?? 0);
    // Where we would do without a key exchange, so may the peer, although we began one.
    const keMethod = ke && this.#agreement ? this.#agreement.method : 0;
    const requirement = { ignoreKe: isFirst, requiredKe: isFirst ? undefined : keMethod };
    const selection = selectProposal(configured, offers, selectOptions(context, ikeSa, requirement));
    if (selection) return selection;
    context.log.log(LogGroup.IKE, 1, "no acceptable proposal found");
    alertProposals(context, ikeSa, "proposal-mismatch-child", { configured, received: offers });
    return undefined;
  }

  #agreeKeys(ke: KePayload | undefined): boolean {
    const agreement = this.#agreement;
    this.secret = agreement && ke?.method === agreement.method ? agreement.conclude(ke.data) : undefined;
    if (!this.secret) this.context.log.log(LogGroup.IKE, 1, "applying KE public value failed");
    return this.secret !== undefined;
  }

  #concludeMode(message: Message, ikeSa: IkeSa): void {
    const { context, child } = this;
    if (receivedMode(context, ikeSa, message) === child.mode) return;
    if (child.mode !== "tunnel") context.log.log(LogGroup.IKE, 1, `peer selected tunnel mode instead of ${child.mode} mode`);
    child.mode = "tunnel";
  }

  /** @returns whether anything is left of what we proposed */
  #concludeSelectors(ikeSa: IkeSa, isFirst: boolean, tsi: TsPayload, tsr: TsPayload): boolean {
    const { context, child } = this;
    const [ours, theirs] = [selectorsOf(tsi), selectorsOf(tsr)];
    const agreed = child.mode === "transport" ? betweenHosts(ikeSa, ours, theirs) : { local: ours, remote: theirs };
    this.localTs = this.#narrowed(ikeSa, "local", this.localTs, agreed.local);
    this.remoteTs = this.#narrowed(ikeSa, "remote", this.remoteTs, agreed.remote);
    this.#askListeners(ikeSa, isFirst ? "initiator-post-noauth" : "initiator-post-auth");
    if (this.localTs.length > 0 && this.remoteTs.length > 0) return true;
    context.log.log(LogGroup.IKE, 1, "no acceptable traffic selectors found");
    alertSelectors(context, ikeSa, ours, theirs);
    return false;
  }

  /** What the peer leaves of what we proposed. */
  #narrowed(
    ikeSa: IkeSa,
    side: "local" | "remote",
    own: readonly TrafficSelector[],
    answered: readonly TrafficSelector[],
  ): readonly TrafficSelector[] {
    const agreed = narrow(own, answered);
    alertNarrowed(this.context, ikeSa, side, own, agreed);
    return agreed;
  }

  #askListeners(ikeSa: IkeSa, stage: NarrowStage): void {
    const { context } = this;
    if (!context.bus.wants("narrow")) return;
    [this.localTs, this.remoteTs] = narrowedByListeners(context, ikeSa, this.child, stage, this.localTs, this.remoteTs);
  }
}
