import { noMessages } from "@cygnet/plugin-api";
import type { MessageCounts } from "@cygnet/plugin-api";

/** What a log line says of each reason, behind its number. */
const TEXTS: Readonly<Record<Exclude<keyof MessageCounts, "keepalives">, string>> = {
  notIke: "not IKE",
  ignoredInterface: "on ignored interfaces",
  malformedHeader: "with malformed header",
  version: "of another version",
  cookiesSent: "answered with COOKIE",
  blocked: "blocked",
  unknownSpi: "with unknown SPI",
  busy: "for a busy IKE_SA",
  repeated: "repeated and answered again",
  replayed: "replayed",
  wrongMessageId: "with wrong message ID",
  malformed: "malformed",
  forged: "failing the integrity check",
  undecryptable: "undecryptable",
  unprotected: "unprotected",
  criticalPayload: "with unknown critical payload",
  unexpected: "unexpected",
};

/** The counts of several shards together. */
export function sumMessageCounts(all: readonly MessageCounts[]): MessageCounts {
  const sum = noMessages();
  const reasons = Object.keys(sum) as (keyof MessageCounts)[];
  for (const counts of all) for (const reason of reasons) sum[reason] += counts[reason];
  return sum;
}

/** `2 with malformed header, 1 replayed`: what there was, without keepalives; empty for nothing. */
export function describeMessageCounts(counts: MessageCounts): string {
  const parts: string[] = [];
  for (const reason of Object.keys(TEXTS) as (keyof typeof TEXTS)[])
    if (counts[reason] > 0) parts.push(`${counts[reason]} ${TEXTS[reason]}`);
  return parts.join(", ");
}
