import type { KeyProvider } from "@cygnet/plugin-api";
import type { Certificate, OcspAnswer, OcspResponse } from "../x509/index.js";

/** Responses that are kept; the oldest ones go when there are more. */
const MAX_RESPONSES = 16_384;

/** A responder's answer with who signed it. */
export interface SignedAnswer {
  readonly answer: OcspAnswer;
  readonly signer: Certificate;
}

/** What an answer is looked for with. */
export interface OcspContext {
  /** Responders that were loaded, whose word counts for every authority. */
  readonly trusted: readonly Certificate[];
  readonly nowMs: number;
  readonly keys: KeyProvider;
}

/** OCSP responses that are kept, in the order they came, found by the serial numbers that they speak of. */
export class OcspResponses {
  readonly #all = new Set<OcspResponse>();
  readonly #bySerial = new Map<string, OcspResponse[]>();

  /** Adds a response. Others that speak of the same certificates by the same issuer go. */
  add(response: OcspResponse): void {
    for (const { serial, issuerKeyHash } of response.answers)
      for (const old of this.#bySerial.get(serial) ?? [])
        if (old.answers.some((each) => each.serial === serial && each.issuerKeyHash === issuerKeyHash)) this.#delete(old);
    if (this.#all.size >= MAX_RESPONSES) for (const [oldest] of [this.#all]) this.#delete(oldest!);
    this.#all.add(response);
    for (const serial of serialsOf(response)) {
      const list = this.#bySerial.get(serial);
      if (list) list.push(response);
      else this.#bySerial.set(serial, [response]);
    }
  }

  /** The newest answer about a certificate, from a responder that may speak for its issuer, however old. */
  find(certificate: Certificate, issuer: Certificate, { trusted, nowMs, keys }: OcspContext): SignedAnswer | undefined {
    for (const response of this.#bySerial.get(certificate.serial)?.toReversed() ?? []) {
      const answer = response.answerFor(certificate, issuer, keys);
      const signer = answer && response.signer(issuer, trusted, nowMs);
      if (signer) return { answer, signer };
    }
    return undefined;
  }

  list(): OcspResponse[] {
    return [...this.#all];
  }

  clear(): void {
    this.#all.clear();
    this.#bySerial.clear();
  }

  #delete(response: OcspResponse): void {
    if (!this.#all.delete(response)) return;
    for (const serial of serialsOf(response)) {
      const rest = this.#bySerial.get(serial)?.filter((each) => each !== response) ?? [];
      if (rest.length > 0) this.#bySerial.set(serial, rest);
      else this.#bySerial.delete(serial);
    }
  }
}

const serialsOf = ({ answers }: OcspResponse): Set<string> => new Set(answers.map(({ serial }) => serial));
