import { FETCHED_LISTS } from "../certificate-change.js";
import type { CertificateChange } from "../certificate-change.js";
import type { Certificate, OcspResponse, RevocationList } from "../x509/index.js";
import { OcspResponses } from "./ocsp-responses.js";

/** What was fetched, on control: for shards that start later, and for status output. */
export class FetchedStore {
  #lists: RevocationList[] = [];
  readonly #responses = new OcspResponses();

  list(issuer: Certificate, isDelta: boolean): RevocationList | undefined {
    return this.#lists.find((each) => each.isDelta === isDelta && each.issuer.equals(issuer.subject) && each.isSignedBy(issuer));
  }

  lists(): readonly RevocationList[] {
    return this.#lists;
  }

  responses(): readonly OcspResponse[] {
    return this.#responses.list();
  }

  addList(list: RevocationList): void {
    this.#lists = [...this.#lists.filter((each) => !each.isOfSameSource(list)), list];
  }

  addResponse(response: OcspResponse): void {
    this.#responses.add(response);
  }

  /** @returns how many there were */
  clear(kind: "crl" | "ocsp"): number {
    const count = kind === "crl" ? this.#lists.length : this.#responses.list().length;
    if (kind === "crl") this.#lists = [];
    else this.#responses.clear();
    return count;
  }

  /** What a shard that starts now has to apply. */
  snapshot(): CertificateChange[] {
    return [
      ...this.#lists.map(({ der }) => ({ op: "crl" as const, set: FETCHED_LISTS, der })),
      ...this.#responses.list().map(({ der }) => ({ op: "ocsp" as const, der })),
    ];
  }
}
