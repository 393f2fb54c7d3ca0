import { LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { AuthMethod, PayloadType, authMethodName, idBody, makeIdPayload } from "@cygnet/wire";
import type { AuthPayload } from "@cygnet/wire";
import type { AuthConfig } from "../../../config/index.js";
import type { OwnCredential } from "../../../credentials/index.js";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { addCertificates, addPgpKey } from "./certificate-payloads.js";
import { authenticateWithPsk } from "./psk-authenticator.js";
import { sign } from "./public-key-signature.js";
import { chooseSignature } from "./signature-choice.js";

/** How we prove ourselves in one round: identity, certificates and AUTH of a message, RFC 7296 section 2.15. */
export class OwnProof {
  readonly #idBody: Uint8Array;
  readonly #credential: OwnCredential | undefined;

  /** Adds the identity, which is the IKE_SA's now, and the certificates. */
  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
    private readonly own: AuthConfig,
    private readonly message: OutgoingMessage,
  ) {
    const { type, data } = ikeSa.localId!;
    const id = makeIdPayload(ikeSa.isInitiator ? PayloadType.IDi : PayloadType.IDr, type, data);
    this.#idBody = idBody(id);
    message.add(id);
    this.#credential = this.#findCredential();
    const { certificate, pgpKey } = this.#credential ?? {};
    if (certificate) addCertificates(context, ikeSa, message, certificate);
    else if (pgpKey) addPgpKey(context, ikeSa, message, pgpKey);
  }

  /**
   * Adds AUTH, at once or, signed in the thread pool, later.
   * @param conclude is told whether we had something to prove ourselves with
   */
  add<R>(conclude: (isAdded: boolean) => R): MaybePromise<R> {
    const { ikeSa, context, own, message } = this;
    if (this.#credential) return this.#sign(this.#credential, conclude);
    if (own.auth !== "psk" && own.auth !== "any") {
      context.log.log(LogGroup.IKE, 1, `no private key found for '${ikeSa.localId}'`);
      return conclude(false);
    }
    const data = authenticateWithPsk(context, ikeSa, this.#idBody);
    if (!data) return conclude(false);
    context.log.log(LogGroup.IKE, 1, `authentication of '${ikeSa.localId}' (myself) with pre-shared key`);
    message.add({ type: PayloadType.AUTH, method: AuthMethod.PSK, data });
    return conclude(true);
  }

  /** The key and certificate that we prove ourselves with, undefined where that is done with something else, or there is none. */
  #findCredential(): OwnCredential | undefined {
    const { ikeSa, context, own } = this;
    if (own.auth !== "pubkey") return undefined;
    const credentials = context.certificates.ownCredentials(ikeSa.localId!, own.certificates);
    return credentials.find(({ key }) => own.signatures.keyProblem(key.publicKey) === undefined);
  }

  #sign<R>(credential: OwnCredential, conclude: (isAdded: boolean) => R): MaybePromise<R> {
    const { ikeSa, context, own, message } = this;
    const choice = chooseSignature(context, credential, own, ikeSa.handshake!.peerHashes);
    if (!choice) return conclude(false);
    const how = choice.method === AuthMethod.DS ? choice.scheme.name : authMethodName(choice.method);
    const say = (result: string): void =>
      context.log.log(LogGroup.IKE, 1, `authentication of '${ikeSa.localId}' (myself) with ${how} ${result}`);
    const pending = sign(context, ikeSa, this.#idBody, credential, choice);
    const added = (payload: AuthPayload): R => {
      say("successful");
      message.add(payload);
      return conclude(true);
    };
    const failed = (): R => {
      say("failed");
      return conclude(false);
    };
    return context.manager.whenSettled(ikeSa, pending, added, { failed });
  }
}
