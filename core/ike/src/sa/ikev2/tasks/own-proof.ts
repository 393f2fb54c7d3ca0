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

/**
 * Has plugins make what the IKE_SA's identity can be proved with in a round, where nothing was loaded for it.
 * @returns undefined where there is nothing to wait for: another kind of proof, something that was loaded, or nobody to ask
 */
export function makeCredential(
  context: IkeContext,
  ikeSa: IkeSa,
  own: AuthConfig,
): Promise<OwnCredential | undefined> | undefined {
  // What a connection names must be that.
  if (own.auth !== "pubkey" || context.sources.isEmpty || own.certificates.length > 0) return undefined;
  return findCredential(context, ikeSa, own) ? undefined : context.sources.make(ikeSa.localId!);
}

/** How we prove ourselves in one round: identity, certificates and AUTH of a message, RFC 7296 section 2.15. */
export class OwnProof {
  readonly #idBody: Uint8Array;
  readonly #credential: OwnCredential | undefined;

  /**
   * Adds the identity, which is the IKE_SA's now, and the certificates.
   * @param made by `makeCredential`
   */
  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
    private readonly own: AuthConfig,
    private readonly message: OutgoingMessage,
    made?: OwnCredential,
  ) {
    const { type, data } = ikeSa.localId!;
    const id = makeIdPayload(ikeSa.isInitiator ? PayloadType.IDi : PayloadType.IDr, type, data);
    this.#idBody = idBody(id);
    message.add(id);
    this.#credential = made && isAllowed(own, made) ? made : findCredential(context, ikeSa, own);
    const certificate = this.#credential?.certificate;
    const pgpKey = this.#credential?.pgpKey;
    if (certificate) addCertificates(context, ikeSa, message, certificate);
    else if (pgpKey) addPgpKey(context, ikeSa, message, pgpKey);
  }

  /**
   * Adds AUTH, at once or, signed in the thread pool, later.
   * @param conclude is told whether we had something to prove ourselves with
   */
  add<R>(conclude: (isAdded: boolean) => R): MaybePromise<R> {
    const { ikeSa, context, own } = this;
    if (this.#credential) return this.#sign(this.#credential, conclude);
    if (own.auth !== "psk" && own.auth !== "any") {
      context.log.log(LogGroup.IKE, 1, `no private key found for '${ikeSa.localId}'`);
      return conclude(false);
    }
    if (context.backends.lacksSecret(ikeSa)) return context.backends.findSecrets(ikeSa, () => this.#addPsk(conclude));
    return this.#addPsk(conclude);
  }

  #addPsk<R>(conclude: (isAdded: boolean) => R): R {
    const { ikeSa, context, message } = this;
    const data = authenticateWithPsk(context, ikeSa, this.#idBody);
    if (!data) return conclude(false);
    context.log.log(LogGroup.IKE, 1, `authentication of '${ikeSa.localId}' (myself) with pre-shared key`);
    message.add({ type: PayloadType.AUTH, method: AuthMethod.PSK, data });
    return conclude(true);
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

/** The key and certificate that we prove ourselves with, undefined where that is done with something else, or there is none. */
function findCredential(context: IkeContext, ikeSa: IkeSa, own: AuthConfig): OwnCredential | undefined {
  if (own.auth !== "pubkey") return undefined;
  return context.certificates.ownCredentials(ikeSa.localId!, own.certificates).find((each) => isAllowed(own, each));
}

const isAllowed = ({ signatures }: AuthConfig, { key }: OwnCredential): boolean =>
  signatures.keyProblem(key.publicKey) === undefined;
