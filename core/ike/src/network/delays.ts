import { IkeFlags } from "@cygnet/wire";
import type { IkeOptions } from "../ike-options.js";

/** What decides on the delay of a message. */
interface Header {
  readonly exchangeType: number;
  readonly flags: number;
}

/** Milliseconds to wait before a received message is processed, by the options `receive_delay*`. */
export function receiveDelay(options: IkeOptions, { exchangeType, flags }: Header): number {
  const { receive_delay_type: type } = options;
  if (type !== 0 && type !== exchangeType) return 0;
  const isChosen = flags & IkeFlags.RESPONSE ? options.receive_delay_response : options.receive_delay_request;
  return isChosen ? options.receive_delay : 0;
}

/** Milliseconds to wait before a message is sent, by the options `send_delay*`. */
export function sendDelay(options: IkeOptions, { exchangeType, flags }: Header): number {
  const { send_delay_type: type } = options;
  if (type !== 0 && type !== exchangeType) return 0;
  const isChosen = flags & IkeFlags.RESPONSE ? options.send_delay_response : options.send_delay_request;
  return isChosen ? options.send_delay : 0;
}
