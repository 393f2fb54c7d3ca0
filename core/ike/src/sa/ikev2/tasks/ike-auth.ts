import { LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { AuthMethod, ExchangeType, IdType, NotifyType, PayloadType, authMethodName, idBody, makeIdPayload } from "@cygnet/wire";
import type { AuthPayload, IdPayload, Message } from "@cygnet/wire";
import type { AuthConfig, PeerConfig } from "../../../config/index.js";
import type { OwnCredential } from "../../../credentials/index.js";
import { Identification } from "../../../identity/index.js";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { enforceUniqueness, claimsInitialContact } from "../../uniqueness.js";
import { findFatalError, notifyName } from "../error-notify.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import { unmetDemand, unmetOffer } from "./auth-demands.js";
import { meetsConstraints } from "./certificate-constraints.js";
import { addCertificateRequest, addCertificates, noteCertificateRequests, usesPublicKey } from "./certificate-payloads.js";
import { authenticateWithPsk, verifyPsk } from "./psk-authenticator.js";
import { sign } from "./public-key-signature.js";
import { PublicKeyVerification } from "./public-key-verification.js";
import type { VerifiedPeer } from "./public-key-verification.js";
import { withCertificates } from "./received-certificates.js";
import { chooseSignature } from "./signature-choice.js";

const NO_PEERS: readonly PeerConfig[] = Object.freeze([]);

/** Who a peer says it is, and what it proves that with. */
interface PeerClaim {
  readonly message: Message;
  readonly auth: AuthPayload;
  readonly id: IdPayload;
  /** The selected connection and, as responder, others that would do: constraints decide between them. */
  readonly peers: readonly PeerConfig[];
  /** The identity that it asked us for. */
  readonly asked?: Identification | undefined;
}

/**
 * IKE_AUTH's identities and proofs, RFC 7296 section 2.15. The responder finds the connection by the identities and verifies the initiator
 * before it proves itself; the initiator verifies the responder last.
 */
export class IkeAuthTask implements Task {
  readonly type = TaskType.IKE_AUTH;
  /** As responder: what went wrong, to be answered with AUTHENTICATION_FAILED. */
  #hasFailed = false;
  /** Body of our ID payload, which our AUTH covers. */
  #ownIdBody: Uint8Array | undefined;

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
    const peer = ikeSa.peerConfig!;
    const own = peer.local[0]!;
    ikeSa.localId = own.id ?? Identification.ofHost(ikeSa.local);
    const idi = makeIdPayload(PayloadType.IDi, ikeSa.localId.type, ikeSa.localId.data);
    this.#ownIdBody = idBody(idi);
    message.add(idi);
    const wanted = expectedId(peer.remote[0]!);
    ikeSa.remoteId = wanted ?? Identification.ANY;
    const credential = this.#ownCredential(own);
    if (credential) addCertificates(context, ikeSa, message, credential);
    if (claimsInitialContact(context, ikeSa)) message.addNotify(NotifyType.INITIAL_CONTACT);
    if (usesPublicKey(peer.remote[0]) && peer.ike.sendCertRequest) addCertificateRequest(context, message, peer.remote);
    if (wanted) message.add(makeIdPayload(PayloadType.IDr, wanted.type, wanted.data));
    return this.#addAuth(message, own, credential, (isAdded) => (isAdded ? "need-more" : "failed"));
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
    const idr = message.payload(PayloadType.IDr);
    const auth = message.payload(PayloadType.AUTH);
    if (!idr || !auth) {
      log.log(LogGroup.IKE, 1, `${idr ? "AUTH" : "IDr"} payload missing`);
      return this.#peerFailed();
    }
    const id = Identification.fromWire(idr.idType, idr.data);
    const wanted = ikeSa.peerConfig!.remote[0]!;
    if (wanted.id && id.matches(wanted.id) === 0) {
      log.log(LogGroup.IKE, 1, `IDir '${id}' does not match to '${wanted.id}'`);
      return this.#peerFailed();
    }
    // It is known by the identity that it was to have.
    context.manager.uniqueness.remove(ikeSa);
    ikeSa.remoteId = id;
    return this.#verify({ message, auth, id: idr, peers: [ikeSa.peerConfig!] }, (isVerified) => {
      if (!isVerified) return this.#peerFailed();
      return this.#authorize((allowed) => (allowed ? "done" : this.#peerFailed()));
    });
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
    const { log } = context;
    const idi = message.payload(PayloadType.IDi);
    if (!idi) {
      log.log(LogGroup.IKE, 1, "IDi payload missing");
      return this.#refuse();
    }
    const idr = message.payload(PayloadType.IDr);
    ikeSa.remoteId = Identification.fromWire(idi.idType, idi.data);
    const asked = idr && idr.idType !== IdType.ID_ANY ? Identification.fromWire(idr.idType, idr.data) : undefined;
    if (message.notify(NotifyType.INITIAL_CONTACT)) ikeSa.set(Condition.INITIAL_CONTACT);
    if (log.enabled(LogGroup.CFG, 1)) {
      log.log(
        LogGroup.CFG,
        1,
        `looking for peer configs matching ${ikeSa.local}[${asked ?? "%any"}]...${ikeSa.remote}[${ikeSa.remoteId}]`,
      );
    }
    const candidates = context.configs.candidates(ikeSa.local, ikeSa.remote, asked, ikeSa.remoteId, 2);
    const auth = message.payload(PayloadType.AUTH);
    const isPsk = auth?.method === AuthMethod.PSK;
    const at = candidates.findIndex(({ remote: [first] }) => first!.auth === "any" || (first!.auth === "psk") === isPsk);
    if (at < 0) {
      log.log(LogGroup.CFG, 1, "no matching peer config found");
      return this.#refuse();
    }
    noteCertificateRequests(context, ikeSa, message);
    this.#select(candidates[at]!, asked);
    log.log(LogGroup.CFG, 1, `selected peer config '${candidates[at]!.name}'`);
    const others = isPsk ? NO_PEERS : candidates.slice(at + 1).filter(({ remote: [first] }) => usesPublicKey(first));
    if (!auth) return this.#refuse();
    return this.#verify({ message, auth, id: idi, peers: [candidates[at]!, ...others], asked }, (isVerified) => {
      if (!isVerified || !this.#isRightBeginning(message)) return this.#refuse();
      return this.#authorize((allowed) => this.#admit(allowed));
    });
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
    if (!allowed) {
      this.context.log.log(LogGroup.IKE, 1, "authorization hook forbids IKE_SA, cancelling");
      this.context.bus.alert(this.ikeSa, { alert: "authorization-failed" });
      return this.#refuse();
    }
    const conclude = (isUnique: boolean): TaskOutcome => (isUnique ? "need-more" : this.#refuse());
    const isUnique = enforceUniqueness(this.context, this.ikeSa);
    return isUnique instanceof Promise ? this.context.manager.whenSettled(this.ikeSa, isUnique, conclude) : conclude(isUnique);
  }

  #refuse(): TaskOutcome {
    this.#hasFailed = true;
    this.context.bus.alert(this.ikeSa, { alert: "peer-auth-failed" });
    return "need-more";
  }

  #buildResponse(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    const { ikeSa } = this;
    if (!this.#hasFailed) {
      const idr = makeIdPayload(PayloadType.IDr, ikeSa.localId!.type, ikeSa.localId!.data);
      this.#ownIdBody = idBody(idr);
      message.add(idr);
      const own = ikeSa.peerConfig!.local[0]!;
      const credential = this.#ownCredential(own);
      if (credential) addCertificates(this.context, ikeSa, message, credential);
      return this.#addAuth(message, own, credential, (isAdded) => {
        if (isAdded) return "done";
        message.clear();
        return this.#addFailure(message);
      });
    }
    return this.#addFailure(message);
  }

  #addFailure(message: OutgoingMessage): TaskOutcome {
    message.addNotify(NotifyType.AUTHENTICATION_FAILED);
    return "failed";
  }

  // --- both ---

  /** The key and certificate that we prove ourselves with, undefined where that is done with something else, or there is none. */
  #ownCredential(own: AuthConfig): OwnCredential | undefined {
    if (own.auth !== "pubkey") return undefined;
    const { ikeSa, context } = this;
    const credentials = context.certificates.ownCredentials(ikeSa.localId!, own.certificates);
    return credentials.find(({ key }) => own.signatures.keyProblem(key.publicKey) === undefined);
  }

  /**
   * Adds our proof, at once or, signed in the thread pool, later.
   * @param conclude is told whether we had something to prove ourselves with
   */
  #addAuth(
    message: OutgoingMessage,
    own: AuthConfig,
    credential: OwnCredential | undefined,
    conclude: (isAdded: boolean) => TaskOutcome,
  ): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    const offer = unmetOffer(ikeSa.peerConfig!.local);
    if (offer) {
      context.log.log(LogGroup.IKE, 1, `${offer} are configured for '${ikeSa.localId}', this release does one`);
      return conclude(false);
    }
    if (credential) return this.#addSignature(message, own, credential, conclude);
    if (own.auth !== "psk" && own.auth !== "any") {
      context.log.log(LogGroup.IKE, 1, `no private key found for '${ikeSa.localId}'`);
      return conclude(false);
    }
    const data = authenticateWithPsk(context, ikeSa, this.#ownIdBody!);
    if (!data) return conclude(false);
    context.log.log(LogGroup.IKE, 1, `authentication of '${ikeSa.localId}' (myself) with pre-shared key`);
    message.add({ type: PayloadType.AUTH, method: AuthMethod.PSK, data });
    ikeSa.set(Condition.LOCAL_AUTHENTICATED);
    return conclude(true);
  }

  #addSignature(
    message: OutgoingMessage,
    own: AuthConfig,
    credential: OwnCredential,
    conclude: (isAdded: boolean) => TaskOutcome,
  ): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    const choice = chooseSignature(context, credential, own, ikeSa.handshake!.peerHashes);
    if (!choice) return conclude(false);
    const how = choice.method === AuthMethod.DS ? choice.scheme.name : authMethodName(choice.method);
    const say = (result: string): void =>
      context.log.log(LogGroup.IKE, 1, `authentication of '${ikeSa.localId}' (myself) with ${how} ${result}`);
    const pending = sign(context, ikeSa, this.#ownIdBody!, credential, choice);
    const added = (payload: AuthPayload): TaskOutcome => {
      say("successful");
      message.add(payload);
      ikeSa.set(Condition.LOCAL_AUTHENTICATED);
      return conclude(true);
    };
    const failed = (): TaskOutcome => {
      say("failed");
      return conclude(false);
    };
    return context.manager.whenSettled(ikeSa, pending, added, { failed });
  }

  /** Whether one round is all that the connection asks of the peer. */
  #isEnough(peer: PeerConfig, hasCertificate: boolean): boolean {
    const demand = unmetDemand(peer.remote, hasCertificate);
    if (demand) this.context.log.log(LogGroup.CFG, 1, `constraint requires ${demand}, which this release cannot check`);
    return demand === undefined;
  }

  /** Verifies the peer's proof and that it is what the connection asks for. @param conclude is told whether it is */
  #verify(claim: PeerClaim, conclude: (isVerified: boolean) => MaybePromise<TaskOutcome>): MaybePromise<TaskOutcome> {
    const [first] = claim.peers;
    if (claim.auth.method === AuthMethod.PSK || !usesPublicKey(first!.remote[0])) return conclude(this.#verifyPsk(claim));
    const { context, ikeSa } = this;
    return withCertificates(context, ikeSa, claim.message, (certificates) => {
      const proof = { idBody: idBody(claim.id), auth: claim.auth, certificates };
      const verification = new PublicKeyVerification(context, ikeSa, proof);
      return verification.run((verified) => conclude(verified !== undefined && this.#isAcceptable(verified, claim)));
    });
  }

  #verifyPsk({ auth, id, peers: [first] }: PeerClaim): boolean {
    const { ikeSa, context } = this;
    const { log } = context;
    const wanted = first!.remote[0]!;
    if (!this.#isEnough(first!, false)) return false;
    if (wanted.auth !== "psk" && wanted.auth !== "any") {
      log.log(LogGroup.CFG, 1, `constraint requires ${wanted.auth} authentication, but ${authMethodName(auth.method)} was used`);
      return false;
    }
    if (auth.method !== AuthMethod.PSK) {
      log.log(LogGroup.IKE, 1, `authentication method ${authMethodName(auth.method)} not supported`);
      return false;
    }
    if (!verifyPsk(context, ikeSa, idBody(id), auth.data)) return false;
    log.log(LogGroup.IKE, 1, `authentication of '${ikeSa.remoteId}' with pre-shared key successful`);
    ikeSa.set(Condition.PEER_AUTHENTICATED);
    return true;
  }

  /** Whether what the peer has proved is what one of the connections asks for, which is the selected one then. */
  #isAcceptable(verified: VerifiedPeer, { auth, peers, asked }: PeerClaim): boolean {
    const { ikeSa, context } = this;
    const { log } = context;
    const how = auth.method === AuthMethod.DS ? verified.scheme.name : authMethodName(auth.method);
    log.log(LogGroup.IKE, 1, `authentication of '${ikeSa.remoteId}' with ${how} successful`);
    for (const [i, peer] of peers.entries()) {
      if (i > 0) {
        log.log(LogGroup.CFG, 1, `switching to peer config '${peer.name}'`);
        this.#select(peer, asked);
      }
      if (this.#isEnough(peer, true) && meetsConstraints(context, verified, peer.remote[0]!)) {
        ikeSa.set(Condition.PEER_AUTHENTICATED);
        return true;
      }
      if (!ikeSa.isInitiator)
        log.log(LogGroup.CFG, 1, `selected peer config '${peer.name}' unacceptable: constraint checking failed`);
    }
    log.log(LogGroup.CFG, 1, ikeSa.isInitiator ? "constraint checking failed" : "no alternative config found");
    return false;
  }

  /** Asks listeners, who may have to wait for somebody else. */
  #authorize(conclude: (allowed: boolean) => MaybePromise<TaskOutcome>): MaybePromise<TaskOutcome> {
    const { bus } = this.context;
    if (!bus.wants("authorize")) return conclude(true);
    const allowed = bus.authorize(this.ikeSa, true);
    return allowed instanceof Promise ? this.context.manager.whenSettled(this.ikeSa, allowed, conclude) : conclude(allowed);
  }
}

/** The identity to ask the responder for: a definite one that is not to be matched loosely. */
function expectedId(remote: AuthConfig): Identification | undefined {
  const { id } = remote;
  return id && !remote.idLoose && id.type !== IdType.ID_ANY && !id.containsWildcards ? id : undefined;
}
