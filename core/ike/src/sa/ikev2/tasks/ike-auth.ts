import { LogGroup } from "@cygnet/plugin-api";
import type { Host, MaybePromise, RedirectGateway } from "@cygnet/plugin-api";
import { AuthMethod, ExchangeType, IdType, NotifyType, PayloadType, makeIdPayload, makeNotifyPayload } from "@cygnet/wire";
import type { IdPayload, Message } from "@cygnet/wire";
import type { AuthConfig, ConfigSet, PeerConfig } from "../../../config/index.js";
import type { OwnCredential } from "../../../credentials/index.js";
import { Identification } from "../../../identity/index.js";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { claimsInitialContact, enforceUniqueness } from "../../uniqueness.js";
import { findFatalError, notifyName } from "../error-notify.js";
import { readRedirect, redirectTo } from "../redirect-notify.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import { addCertificateRequest, noteCertificateRequests, usesPublicKey } from "./certificate-payloads.js";
import { OwnProof, makeCredential } from "./own-proof.js";
import { PeerVerification } from "./peer-verification.js";
import type { PeerClaim } from "./peer-verification.js";

const NO_PEERS: readonly PeerConfig[] = Object.freeze([]);

/**
 * IKE_AUTH's identities and proofs, RFC 7296 section 2.15. The responder finds the connection by the identities and verifies the initiator
 * before it proves itself; the initiator verifies the responder last.
 *
 * A connection may have several rounds on either side (RFC 4739), each with an identity of its own and in a message of its own, all under the
 * same keys. The IKE_SA has the identities of the last ones. A side that is through while the other is not goes on with empty messages.
 */
export class IkeAuthTask implements Task {
  readonly type = TaskType.IKE_AUTH;
  /** As responder: what went wrong, to be answered with AUTHENTICATION_FAILED. */
  #hasFailed = false;
  /** As initiator: the gateway that the responder sends us to, once it has authenticated itself. */
  #gateway: Host | string | undefined;
  /** As responder: the one that the initiator is sent to. */
  #elsewhere: RedirectGateway | undefined;
  /** Rounds that are done. */
  #ownRounds = 0;
  #peerRounds = 0;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {}

  build(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    if (message.exchangeType !== ExchangeType.IKE_AUTH) return "need-more";
    return message.isResponse ? this.#buildResponse(message) : this.#buildRequest(message);
  }

  process(message: Message): MaybePromise<TaskOutcome> {
    if (message.header.exchangeType !== ExchangeType.IKE_AUTH) return "need-more";
    return message.header.isResponse ? this.#processResponse(message) : this.#processRequest(message);
  }

  // --- initiator ---

  #buildRequest(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    if (ikeSa.has(Condition.LOCAL_AUTHENTICATED)) return "need-more";
    const peer = ikeSa.peerConfig!;
    const own = peer.local[this.#ownRounds]!;
    ikeSa.localId = own.id ?? ikeSa.localId ?? Identification.ofHost(ikeSa.local);
    if (this.#ownRounds === 0) ikeSa.remoteId = expectedId(peer.remote[0]!) ?? Identification.ANY;
    const made = makeCredential(context, ikeSa, own);
    return made ? this.#whenMade(made, message, own) : this.#request(message, own);
  }

  #request(message: OutgoingMessage, own: AuthConfig, made?: OwnCredential): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    const peer = ikeSa.peerConfig!;
    const isFirst = this.#ownRounds === 0;
    const wanted = expectedId(peer.remote[0]!);
    const proof = new OwnProof(context, ikeSa, own, message, made);
    if (isFirst) {
      if (claimsInitialContact(context, ikeSa)) message.addNotify(NotifyType.INITIAL_CONTACT);
      if (peer.remote.some(usesPublicKey) && peer.ike.sendCertRequest) addCertificateRequest(context, message, peer.remote);
      if (wanted) message.add(makeIdPayload(PayloadType.IDr, wanted.type, wanted.data));
      if (context.options.multiple_authentication) message.addLast(makeNotifyPayload(NotifyType.MULTIPLE_AUTH_SUPPORTED));
    }
    return proof.add((isAdded) => (isAdded && this.#ownRoundDone(message) ? "need-more" : "failed"));
  }

  #processResponse(message: Message): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    const { log } = context;
    const fatal = findFatalError(message);
    if (fatal) {
      log.log(LogGroup.IKE, 1, `received ${notifyName(fatal.notifyType)} notify error`);
      context.bus.alert(ikeSa, { alert: "local-auth-failed" });
      return "failed";
    }
    this.#noteRedirect(message);
    if (ikeSa.has(Condition.PEER_AUTHENTICATED)) return this.#concludeInitiator();
    const id = message.payload(PayloadType.IDr);
    const auth = message.payload(PayloadType.AUTH);
    if (!id || !auth) {
      log.log(LogGroup.IKE, 1, `${id ? "AUTH" : "IDr"} payload missing`);
      return this.#peerFailed();
    }
    const peer = ikeSa.peerConfig!;
    if (!this.#takeIdentity(id, peer.remote[this.#peerRounds]!)) return this.#peerFailed();
    return this.#verify({ message, auth, id, peers: [peer] }, (isVerified) =>
      isVerified ? this.#concludeInitiator() : this.#peerFailed(),
    );
  }

  /** Once both sides are through, listeners decide; a redirect is followed as soon as the responder is. */
  #concludeInitiator(): MaybePromise<TaskOutcome> {
    const { ikeSa } = this;
    const gateway = this.#gateway;
    if (!ikeSa.isAuthenticated && (gateway === undefined || !ikeSa.has(Condition.PEER_AUTHENTICATED))) return "need-more";
    return this.#authorize(true, (allowed) => {
      if (!allowed) return this.#peerFailed();
      return gateway === undefined ? "done" : this.#goTo(gateway);
    });
  }

  #noteRedirect(message: Message): void {
    const notify = message.notify(NotifyType.REDIRECT);
    if (!notify) return;
    const { log, options } = this.context;
    this.#gateway = options.follow_redirects ? readRedirect(notify.data)?.gateway : undefined;
    if (this.#gateway !== undefined) return;
    log.log(
      LogGroup.IKE,
      1,
      options.follow_redirects ? "received invalid REDIRECT notify" : "server sent REDIRECT even though we disabled it",
    );
  }

  /** What this IKE_SA asked of the responder it asks of the other one then. */
  #goTo(gateway: Host | string): MaybePromise<TaskOutcome> {
    const { context, ikeSa } = this;
    const outcome = (isGoing: boolean): TaskOutcome => (isGoing ? "need-more" : "failed");
    const isGoing = context.manager.redirections.beginElsewhere(ikeSa, gateway);
    return isGoing instanceof Promise ? isGoing.then(outcome) : outcome(isGoing);
  }

  /** The responder believes in an IKE_SA that we do not want: it is told so once, RFC 7296 section 2.21.2. */
  #peerFailed(): TaskOutcome {
    this.context.bus.alert(this.ikeSa, { alert: "peer-auth-failed" });
    this.ikeSa.tasks.sayFarewell(NotifyType.AUTHENTICATION_FAILED);
    return "failed";
  }

  // --- responder ---

  #processRequest(message: Message): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    if (ikeSa.has(Condition.PEER_AUTHENTICATED)) return "need-more";
    const id = message.payload(PayloadType.IDi);
    const auth = message.payload(PayloadType.AUTH);
    if (!id) {
      context.log.log(LogGroup.IKE, 1, "IDi payload missing");
      return this.#refuse();
    }
    if (this.#peerRounds === 0) return this.#begin(message, id);
    const peer = ikeSa.peerConfig!;
    if (!auth || !this.#takeIdentity(id, peer.remote[this.#peerRounds]!)) return this.#refuse();
    return this.#verify({ message, auth, id, peers: [peer] }, (isVerified) => this.#verified(isVerified));
  }

  /** The first round decides which connection it is. */
  #begin(message: Message, id: IdPayload): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    const { log } = context;
    const idr = message.payload(PayloadType.IDr);
    ikeSa.remoteId = Identification.fromWire(id.idType, id.data);
    const asked = idr && idr.idType !== IdType.ID_ANY ? Identification.fromWire(idr.idType, idr.data) : undefined;
    if (message.notify(NotifyType.INITIAL_CONTACT)) ikeSa.set(Condition.INITIAL_CONTACT);
    if (message.notify(NotifyType.MULTIPLE_AUTH_SUPPORTED)) ikeSa.handshake!.isMultipleAuthSupported = true;
    if (log.enabled(LogGroup.CFG, 1)) {
      log.log(
        LogGroup.CFG,
        1,
        `looking for peer configs matching ${ikeSa.local}[${asked ?? "%any"}]...${ikeSa.remote}[${ikeSa.remoteId}]`,
      );
    }
    const candidates = this.#candidates(context.configs, message, asked);
    if (candidates.length > 0 || !context.backends.kinds.configs) return this.#accept(message, asked, candidates);
    return context.backends.peerConfigs(ikeSa, asked, (configs) =>
      this.#accept(message, asked, this.#candidates(configs, message, asked)),
    );
  }

  /** Takes the best of the connections that the peer may mean, and what it proves. */
  #accept(message: Message, asked: Identification | undefined, candidates: readonly PeerConfig[]): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    const { log } = context;
    const [first] = candidates;
    if (!first) {
      log.log(LogGroup.CFG, 1, "no matching peer config found");
      return this.#refuse();
    }
    noteCertificateRequests(context, ikeSa, message);
    this.#select(first, asked);
    log.log(LogGroup.CFG, 1, `selected peer config '${first.name}'`);
    const id = message.payload(PayloadType.IDi)!;
    const auth = message.payload(PayloadType.AUTH);
    if (!auth) return this.#refuse();
    const select = (peer: PeerConfig): void => this.#select(peer, asked);
    return this.#verify({ message, auth, id, peers: candidates, select }, (isVerified) =>
      this.#verified(isVerified && this.#isRightBeginning(message)),
    );
  }

  /**
   * Connections that the peer may mean, the best first. Those with another number of rounds than the peer has come into question only where
   * there is none of the right number: it is refused then, with the reason.
   */
  #candidates(configs: ConfigSet, message: Message, asked: Identification | undefined): readonly PeerConfig[] {
    const { ikeSa } = this;
    const isPsk = message.payload(PayloadType.AUTH)?.method === AuthMethod.PSK;
    const hasMoreRounds = announcesAnother(message);
    const all = configs
      .candidates(ikeSa.local, ikeSa.remote, asked, ikeSa.remoteId!, 2)
      .filter(({ remote: [first] }) => first!.auth === "any" || (first!.auth === "psk") === isPsk);
    const fitting = all.filter(({ remote }) => remote.length > 1 === hasMoreRounds);
    const [first, ...others] = fitting.length > 0 ? fitting : all;
    if (!first) return NO_PEERS;
    return isPsk ? [first] : [first, ...others.filter(({ remote }) => usesPublicKey(remote[0]))];
  }

  #verified(isVerified: boolean): MaybePromise<TaskOutcome> {
    if (!isVerified) return this.#refuse();
    if (!this.ikeSa.has(Condition.PEER_AUTHENTICATED)) return "need-more";
    return this.#authorize(true, (allowed) => this.#admit(allowed));
  }

  /** Whether the peer asks for a CHILD_SA now, or does not, as the connection wants it (RFC 6023). */
  #isRightBeginning(message: Message): boolean {
    const { childless } = this.ikeSa.ikeConfig!;
    const isChildless = message.payload(PayloadType.SA) === undefined;
    const isRight = isChildless ? childless !== "never" : childless !== "force";
    if (!isRight) {
      const text = isChildless ? "childless initiation is not allowed" : "childless initiation is required";
      this.context.log.log(LogGroup.IKE, 1, `${text}, refusing IKE_SA`);
    }
    return isRight;
  }

  #select(peer: PeerConfig, asked: Identification | undefined): void {
    const { ikeSa, context } = this;
    ikeSa.peerConfig = peer;
    ikeSa.ikeConfig = peer.ike;
    context.log.setContext(ikeSa.uniqueId, ikeSa.name);
    ikeSa.localId = peer.local[0]!.id ?? asked ?? Identification.ofHost(ikeSa.local);
  }

  #admit(allowed: boolean): MaybePromise<TaskOutcome> {
    if (!allowed) return this.#refuse();
    const conclude = (isUnique: boolean): MaybePromise<TaskOutcome> => (isUnique ? this.#chooseGateway() : this.#refuse());
    const isUnique = enforceUniqueness(this.context, this.ikeSa);
    return isUnique instanceof Promise ? this.context.manager.whenSettled(this.ikeSa, isUnique, conclude) : conclude(isUnique);
  }

  /** Plugins may want the peer to go elsewhere, RFC 5685 section 6. */
  #chooseGateway(): MaybePromise<TaskOutcome> {
    const { ikeSa } = this;
    const { redirects, manager } = this.context;
    if (redirects.isEmpty || !ikeSa.has(Condition.REDIRECTABLE)) return "need-more";
    const conclude = (gateway: RedirectGateway | undefined): TaskOutcome => {
      this.#elsewhere = gateway;
      return "need-more";
    };
    const gateway = redirects.gatewayFor(ikeSa, "onAuth");
    return gateway instanceof Promise ? manager.whenSettled(ikeSa, gateway, conclude) : conclude(gateway);
  }

  #refuse(): TaskOutcome {
    this.#hasFailed = true;
    this.context.bus.alert(this.ikeSa, { alert: "peer-auth-failed" });
    return "need-more";
  }

  #buildResponse(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    if (this.#hasFailed) return this.#addFailure(message);
    if (ikeSa.has(Condition.LOCAL_AUTHENTICATED)) return this.#responded(message);
    const own = ikeSa.peerConfig!.local[this.#ownRounds]!;
    // The first one is of the connection, or what the peer asked for.
    if (this.#ownRounds > 0) ikeSa.localId = own.id ?? ikeSa.localId;
    const made = makeCredential(context, ikeSa, own);
    return made ? this.#whenMade(made, message, own) : this.#respond(message, own);
  }

  #respond(message: OutgoingMessage, own: AuthConfig, made?: OwnCredential): MaybePromise<TaskOutcome> {
    return new OwnProof(this.context, this.ikeSa, own, message, made).add((isAdded) => {
      if (isAdded && this.#ownRoundDone(message)) return this.#responded(message);
      message.clear();
      return this.#addFailure(message);
    });
  }

  #responded(message: OutgoingMessage): TaskOutcome {
    const { ikeSa, context } = this;
    if (!ikeSa.isAuthenticated) return "need-more";
    if (this.#elsewhere) {
      context.log.log(LogGroup.IKE, 1, `redirecting peer to ${this.#elsewhere.name}`);
      message.addNotify(NotifyType.REDIRECT, redirectTo(this.#elsewhere));
      ikeSa.set(Condition.REDIRECTED);
    }
    return "done";
  }

  #addFailure(message: OutgoingMessage): TaskOutcome {
    message.addNotify(NotifyType.AUTHENTICATION_FAILED);
    return "failed";
  }

  // --- both ---

  /** Goes on once plugins have made our credential, or have none. By itself, so that those who have one already make no closure. */
  #whenMade(made: Promise<OwnCredential | undefined>, message: OutgoingMessage, own: AuthConfig): Promise<TaskOutcome> {
    return this.context.manager.whenSettled(this.ikeSa, made, (credential) =>
      message.isResponse ? this.#respond(message, own, credential) : this.#request(message, own, credential),
    );
  }

  /** One more of our rounds is in the message. @returns whether the peer can do the next one with us, if there is one */
  #ownRoundDone(message: OutgoingMessage): boolean {
    const { ikeSa, context } = this;
    const { local } = ikeSa.peerConfig!;
    this.#ownRounds++;
    if (this.#ownRounds === local.length) {
      ikeSa.set(Condition.LOCAL_AUTHENTICATED);
      return true;
    }
    if (!context.options.multiple_authentication || !ikeSa.handshake!.isMultipleAuthSupported) {
      const text = `${local.length} authentication rounds are configured for '${ikeSa.localId}', peer does not support them`;
      context.log.log(LogGroup.IKE, 1, text);
      return false;
    }
    message.addLast(makeNotifyPayload(NotifyType.ANOTHER_AUTH_FOLLOWS));
    return true;
  }

  /** Whether an identity is one that the round asks for, which is the peer's now. */
  #takeIdentity(payload: IdPayload, wanted: AuthConfig): boolean {
    const { ikeSa, context } = this;
    const id = Identification.fromWire(payload.idType, payload.data);
    if (wanted.id && id.matches(wanted.id) === 0) {
      const name = ikeSa.isInitiator ? "IDir" : "IDii";
      context.log.log(LogGroup.IKE, 1, `${name} '${id}' does not match to '${wanted.id}'`);
      return false;
    }
    // It is known by another one so far.
    context.manager.uniqueness.remove(ikeSa);
    ikeSa.remoteId = id;
    return true;
  }

  /** Verifies a round of the peer, and that there are as many of them as the connection asks for. */
  #verify(
    claim: Omit<PeerClaim, "round" | "select"> & Partial<Pick<PeerClaim, "select">>,
    conclude: (isVerified: boolean) => MaybePromise<TaskOutcome>,
  ): MaybePromise<TaskOutcome> {
    const { context, ikeSa } = this;
    const verification = new PeerVerification(context, ikeSa, { select: () => undefined, ...claim, round: this.#peerRounds });
    return verification.run((isVerified) =>
      isVerified && this.#peerRoundDone(announcesAnother(claim.message)) ? this.#authorize(false, conclude) : conclude(false),
    );
  }

  #peerRoundDone(hasMoreRounds: boolean): boolean {
    const { ikeSa, context } = this;
    const { remote } = ikeSa.peerConfig!;
    this.#peerRounds++;
    const isLast = this.#peerRounds === remote.length;
    if (isLast === hasMoreRounds) {
      const rounds = remote.length === 1 ? "one authentication round" : `${remote.length} authentication rounds`;
      context.log.log(LogGroup.CFG, 1, `constraint requires ${rounds}, peer has ${hasMoreRounds ? "more" : this.#peerRounds}`);
      return false;
    }
    if (isLast) ikeSa.set(Condition.PEER_AUTHENTICATED);
    return true;
  }

  /** Asks listeners, who may have to wait for somebody else, after a round of the peer or, finally, after all rounds of both. */
  #authorize(isFinal: boolean, conclude: (allowed: boolean) => MaybePromise<TaskOutcome>): MaybePromise<TaskOutcome> {
    const { bus, log, manager } = this.context;
    if (!bus.wants("authorize")) return conclude(true);
    const decide = (allowed: boolean): MaybePromise<TaskOutcome> => {
      if (!allowed) {
        log.log(LogGroup.IKE, 1, `${isFinal ? "final " : ""}authorization hook forbids IKE_SA, cancelling`);
        bus.alert(this.ikeSa, { alert: "authorization-failed" });
      }
      return conclude(allowed);
    };
    const allowed = bus.authorize(this.ikeSa, isFinal);
    return allowed instanceof Promise ? manager.whenSettled(this.ikeSa, allowed, decide) : decide(allowed);
  }
}

const announcesAnother = (message: Message): boolean => message.notify(NotifyType.ANOTHER_AUTH_FOLLOWS) !== undefined;

/** The identity to ask the responder for: a definite one that is not to be matched loosely. */
function expectedId(remote: AuthConfig): Identification | undefined {
  const { id } = remote;
  return id && !remote.idLoose && id.type !== IdType.ID_ANY && !id.containsWildcards ? id : undefined;
}
