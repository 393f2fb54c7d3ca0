import type { MessageCounts } from "@cygnet/plugin-api";
import { PayloadType } from "@cygnet/wire";
import type { ExchangeType, Payload } from "@cygnet/wire";
import { expect } from "vitest";
import { OutgoingMessage } from "../../core/ike/src/sa/ikev2/outgoing-message.js";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";

export async function established(): Promise<Pair> {
  const pair = new Pair();
  pair.configure();
  await pair.establish();
  expectUp(pair);
  return pair;
}

/** Sends a message under the keys of an established IKE_SA, as only the peer can. */
export function sendAs(
  end: End,
  exchangeType: ExchangeType,
  messageId: number,
  payloads: readonly Payload[],
  isResponse = false,
): void {
  const ikeSa = end.ikeSas[0]!;
  const message = new OutgoingMessage(exchangeType, isResponse, messageId);
  for (const payload of payloads) message.add(payload);
  for (const datagram of end.shard.context.codec.generate(ikeSa, message))
    end.shard.context.sender.send(datagram, ikeSa.local, ikeSa.remote, 0);
}

/** Any payload type with any body, well-formed or not. */
export const raw = (payloadType: number, body: readonly number[] = [], critical = false): Payload => ({
  type: PayloadType.UNKNOWN,
  payloadType,
  critical,
  body: Uint8Array.from(body),
});

/** The reasons that messages came to nothing for, and how many of them, since `before`. */
export function countsSince(end: End, before: MessageCounts): Partial<MessageCounts> {
  const reasons = Object.keys(before) as (keyof MessageCounts)[];
  const changed = reasons.map((reason) => [reason, end.counts[reason] - before[reason]] as const);
  return Object.fromEntries(changed.filter(([, count]) => count !== 0));
}

/** The IKE_SA is as it was, and an exchange begun by either end succeeds; or by those given alone. */
export async function expectUnharmed(pair: Pair, by: readonly End[] = pair.ends): Promise<void> {
  for (const end of by) {
    const [child] = end.children;
    expect(end.rekeyChild(child)).toBe(true);
    await pair.run(10_000);
    expect(end.children).not.toContain(child);
    expectUp(pair);
    for (const { processor } of pair.ends) expect(processor.failures).toBe(0);
  }
}
