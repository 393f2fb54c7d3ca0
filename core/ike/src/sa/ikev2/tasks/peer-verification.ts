import { LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { AuthMethod, authMethodName, idBody } from "@cygnet/wire";
import type { AuthPayload, IdPayload, Message } from "@cygnet/wire";
import type { PeerConfig } from "../../../config/index.js";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import { unmetDemand } from "./auth-demands.js";
import { meetsConstraints } from "./certificate-constraints.js";
import { usesPublicKey } from "./certificate-payloads.js";
import { verifyPsk } from "./psk-authenticator.js";
import { PublicKeyVerification } from "./public-key-verification.js";
import type { VerifiedPeer } from "./public-key-verification.js";
import { withCertificates } from "./received-certificates.js";

/** Who a peer says it is in one round, and what it proves that with. */
export interface PeerClaim {
  readonly message: Message;
  readonly auth: AuthPayload;
  readonly id: IdPayload;
  /** Of the remote rounds of a connection, counted from 0. */
  readonly round: number;
  /** The selected connection and, as responder, others that would do: constraints decide between them. */
  readonly peers: readonly PeerConfig[];
  /** Takes another one of them. */
  readonly select: (peer: PeerConfig) => void;
}

/** Verifies what a peer proves, and that it is what a connection asks for. */
export class PeerVerification {
  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
    private readonly claim: PeerClaim,
  ) {}

  /** @param conclude is told whether all is right, perhaps after something was fetched */
  run<R>(conclude: (isVerified: boolean) => MaybePromise<R>): MaybePromise<R> {
    const { context, ikeSa, claim } = this;
    const { auth, id, message, peers, round } = claim;
    if (auth.method === AuthMethod.PSK && context.backends.lacksSecret(ikeSa))
      return context.backends.findSecrets(ikeSa, () => conclude(this.#verifyPsk()));
    if (auth.method === AuthMethod.PSK || !usesPublicKey(peers[0]!.remote[round])) return conclude(this.#verifyPsk());
    const named = peers.flatMap(({ remote }) => remote[round]?.certificates ?? []);
    return withCertificates(context, ikeSa, message, (certificates) => {
      const verification = new PublicKeyVerification(context, ikeSa, { idBody: idBody(id), auth, certificates, named });
      return verification.run((verified) => conclude(verified !== undefined && this.#isAcceptable(verified)));
    });
  }

  #verifyPsk(): boolean {
    const { ikeSa, context } = this;
    const { log } = context;
    const { auth, id, peers, round } = this.claim;
    const wanted = peers[0]!.remote[round]!;
    if (!this.#isCheckable(peers[0]!, false)) return false;
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
    return true;
  }

  /** Whether what the peer has proved is what one of the connections asks for, which is the selected one then. */
  #isAcceptable(verified: VerifiedPeer): boolean {
    const { ikeSa, context } = this;
    const { log } = context;
    const { auth, peers, round, select } = this.claim;
    const how = auth.method === AuthMethod.DS ? verified.scheme.name : authMethodName(auth.method);
    log.log(LogGroup.IKE, 1, `authentication of '${ikeSa.remoteId}' with ${how} successful`);
    for (const [i, peer] of peers.entries()) {
      if (i > 0) {
        log.log(LogGroup.CFG, 1, `switching to peer config '${peer.name}'`);
        select(peer);
      }
      if (this.#isCheckable(peer, true) && meetsConstraints(context, ikeSa, verified, peer.remote[round]!)) return true;
      if (!ikeSa.isInitiator)
        log.log(LogGroup.CFG, 1, `selected peer config '${peer.name}' unacceptable: constraint checking failed`);
    }
    log.log(LogGroup.CFG, 1, ikeSa.isInitiator ? "constraint checking failed" : "no alternative config found");
    return false;
  }

  #isCheckable(peer: PeerConfig, hasCertificate: boolean): boolean {
    const demand = unmetDemand(peer.remote[this.claim.round]!, hasCertificate);
    if (demand) this.context.log.log(LogGroup.CFG, 1, `constraint requires ${demand}, which this release cannot check`);
    return demand === undefined;
  }
}
